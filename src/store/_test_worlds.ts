/**
 * What a config may be after writes of which some are unknown: a dumb twin of the replicated store. A world
 * is a plain list with what was answered under which key, and the writes that may have been made, or may be
 * yet. Each answer that is heard leaves the worlds in which it could be given.
 */
import { MAX_TARGETS } from "../../test/kit/config_store_basics.ts";
import { sameTarget, type Target } from "../config/mod.ts";
import type { ConfigWrite } from "./config_write.ts";
import type { ConfigSnapshot, DecidedResult, WriteResult } from "./store.ts";

interface Row {
  readonly target: Target;
  readonly revision: number;
}

interface World {
  readonly rows: readonly Row[];
  readonly revision: number;
  readonly answers: readonly {
    readonly key: string;
    readonly digest: string;
    readonly result: DecidedResult;
  }[];
  /** Of unknown end; each may be made once, at any time. */
  readonly pending: readonly ConfigWrite[];
}

export class Worlds {
  #worlds: readonly World[] = [{ rows: [], revision: 0, answers: [], pending: [] }];

  get count(): number {
    return this.#worlds.length;
  }

  /** False if this answer could not be given. */
  hear(write: ConfigWrite, answer: WriteResult): boolean {
    if (!answer.ok && answer.reason === "unavailable") {
      if (answer.outcome === "failed") return true;
      this.#worlds = this.#worlds.map((world) => ({
        ...world,
        pending: [...world.pending, write],
      }));
      return true;
    }
    this.#worlds = distinct(
      this.#worlds
        .flatMap(reachable)
        .map((world) => made(world, write))
        .flatMap(({ result, world }) => (isSame(result, answer) ? [world] : [])),
    );
    return this.#worlds.length > 0;
  }

  /** False if a read could not have given this. */
  see(snapshot: ConfigSnapshot): boolean {
    const seen = shown(
      snapshot.revision,
      Array.from(snapshot.targets.values(), ({ target, revision }) => ({ target, revision })),
    );
    this.#worlds = distinct(
      this.#worlds.flatMap(reachable).filter(({ revision, rows }) => {
        return isSame(shown(revision, rows), seen);
      }),
    );
    return this.#worlds.length > 0;
  }
}

/** This world, and all that come of it if some of what is pending is made by now. */
function reachable(world: World): World[] {
  const others = world.pending.flatMap((write, place) =>
    reachable(made({ ...world, pending: world.pending.toSpliced(place, 1) }, write).world),
  );
  return distinct([world, ...others]);
}

function made(world: World, write: ConfigWrite): { result: DecidedResult; world: World } {
  const { idempotency } = write;
  if (idempotency === undefined) return decided(world, write);
  const { key, digest } = idempotency;
  const known = world.answers.find((each) => each.key === key);
  if (known === undefined) {
    const after = decided(world, write);
    const { result } = after;
    const answers = [...world.answers, { key, digest, result }];
    return { result, world: { ...after.world, answers } };
  }
  return {
    result: known.digest === digest ? known.result : { ok: false, reason: "key_reused" },
    world,
  };
}

function decided(world: World, write: ConfigWrite): { result: DecidedResult; world: World } {
  const refuse = (result: DecidedResult) => ({ result, world });
  const { ifMatch } = write;
  const name = write.kind === "put" ? write.target.name : write.kind === "delete" ? write.name : "";
  const old = world.rows.find(({ target }) => target.name === name);
  const current = write.kind === "replace" ? world.revision : (old?.revision ?? null);
  const holds =
    ifMatch === undefined ||
    (ifMatch === "absent"
      ? current === null
      : ifMatch === "*"
        ? current !== null
        : ifMatch === current);
  if (!holds) return refuse({ ok: false, reason: "precondition_failed", revision: current });
  if (write.kind === "delete" && old === undefined)
    return refuse({ ok: false, reason: "not_found" });
  const wanted =
    write.kind === "replace"
      ? write.targets
      : [
          ...world.rows.map(({ target }) => target).filter((target) => target.name !== name),
          ...(write.kind === "put" ? [write.target] : []),
        ];
  if (wanted.length > MAX_TARGETS) {
    return refuse({ ok: false, reason: "too_many_targets", limit: MAX_TARGETS });
  }
  const kept = (target: Target) => world.rows.find((row) => sameTarget(row.target, target));
  const isChanged = wanted.length !== world.rows.length || !wanted.every(kept);
  const revision = world.revision + (isChanged ? 1 : 0);
  const rows = wanted.map((target) => kept(target) ?? { target, revision });
  const ofTarget = rows.find(({ target }) => target.name === name)?.revision;
  return {
    result: {
      ok: true,
      revision: write.kind === "put" ? ofTarget! : revision,
      created: write.kind === "put" && old === undefined,
    },
    world: { ...world, rows, revision },
  };
}

function shown(revision: number, rows: readonly Row[]): unknown {
  const lines = rows.map((row) => [row.target.name, row.target.intervalMillis, row.revision]);
  return [revision, lines.toSorted((left, right) => (left[0]! < right[0]! ? -1 : 1))];
}

function distinct(worlds: readonly World[]): World[] {
  return [
    ...new Map(
      worlds.map((world) => [
        JSON.stringify([shown(world.revision, world.rows), world.answers, world.pending]),
        world,
      ]),
    ).values(),
  ];
}

/** Of plain values whose fields stand in the same order. */
function isSame(left: unknown, right: unknown): boolean {
  return JSON.stringify(left) === JSON.stringify(right);
}
