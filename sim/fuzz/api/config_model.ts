/**
 * What the config must be: the writes that were answered with 200, applied to a map by a dumb twin of the
 * monitor that knows nothing but the documented defaults. Its revision goes up by one with every write that
 * changes something.
 */

import { type Fields, fieldsOf, serversOf } from "../json_value.ts";

export type Write =
  | { readonly kind: "put"; readonly target: unknown }
  | { readonly kind: "replace"; readonly config: unknown }
  | { readonly kind: "delete"; readonly name: string };

const DEFAULTS: Fields = {
  intervalMillis: 1_000,
  labels: {},
};
const ASKED_DEFAULTS: Fields = {
  timeoutMillis: 5_000,
  method: "GET",
  headers: {},
  connection: "reuse",
};
const EXPECT_DEFAULTS: Fields = { status: ["200-299"], maxBodyBytes: 65_536 };
const TLS_DEFAULTS: Fields = { insecureSkipVerify: false };
const MONITOR_DEFAULTS: Fields = {
  mistakeMaxMillis: 60_000,
  suspectRatio: 0.5,
  upAfterHeartbeats: 2,
  maxSampleSize: 200,
  minStdDeviationMillis: 500,
  acceptableHeartbeatPauseMillis: 0,
};

/** A target with its defaults, as one text: two of the same settings are equal. */
export function settingsOf(target: unknown): string {
  const given = fieldsOf(target);
  const common: Fields = { ...DEFAULTS, ...given, name: String(given["name"]) };
  const judged = fieldsOf(given["monitor"]);
  const isBudgeted = "detectWithinMillis" in judged || "falseAlarmsPerMonth" in judged;
  const model = judged["model"] ?? (isBudgeted ? "calibrated" : "akka");
  const monitor = {
    ...MONITOR_DEFAULTS,
    firstHeartbeatEstimateMillis: common["intervalMillis"],
    model,
    threshold: model === "calibrated" && !isBudgeted ? 6 : 16,
    ...judged,
  };
  if (given["url"] === "push:") return canonical({ ...common, monitor });
  const expect = { ...EXPECT_DEFAULTS, ...fieldsOf(given["expect"]) };
  const tls = { ...TLS_DEFAULTS, ...fieldsOf(given["tls"]) };
  return canonical({ ...ASKED_DEFAULTS, ...common, expect, tls, monitor });
}

function canonical(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).map(
    ([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`,
  );
  return `{${members.toSorted().join(",")}}`;
}

interface Stored {
  readonly settings: string;
  /** That of the write which made it what it is. */
  readonly revision: number;
}

export class ConfigModel {
  readonly #targets = new Map<string, Stored>();
  #revision = 0;

  /** Begins anew, from a config that is empty at this revision. */
  clear(revision: number): void {
    this.#targets.clear();
    this.#revision = revision;
  }

  /** Takes a write that was answered with 200; what is wrong with the revision in the answer. */
  apply(write: Write, answeredRevision: number): string | undefined {
    const expected = this.#expect(write);
    if (expected === undefined) return `a ${write.kind} of what is not there was answered with 200`;
    if (answeredRevision === expected) return undefined;
    return `a ${write.kind} was answered with revision ${answeredRevision}, and it is ${expected}`;
  }

  /** The revision that the answer has to name; undefined if the write cannot be. */
  #expect(write: Write): number | undefined {
    if (write.kind === "delete") {
      return this.#targets.delete(write.name) ? ++this.#revision : undefined;
    }
    if (write.kind === "put") {
      const [[name, settings] = ["", ""]] = byName({ servers: [write.target] });
      const before = this.#targets.get(name);
      // A write that changes nothing is told when the target became what it is.
      if (before?.settings === settings) return before.revision;
      this.#targets.set(name, { settings, revision: ++this.#revision });
      return this.#revision;
    }
    this.#replace(byName(write.config));
    return this.#revision;
  }

  #replace(after: ReadonlyMap<string, string>): void {
    const isSame = (name: string) => this.#targets.get(name)?.settings === after.get(name);
    if (after.size === this.#targets.size && [...after.keys()].every(isSame)) return;
    this.#revision++;
    for (const name of this.#targets.keys()) if (!after.has(name)) this.#targets.delete(name);
    for (const [name, settings] of after) {
      if (!isSame(name)) this.#targets.set(name, { settings, revision: this.#revision });
    }
  }

  /** What is wrong with a config that the monitor shows; undefined if it is this. */
  faultOf(config: unknown, revision: number): string | undefined {
    if (revision !== this.#revision) {
      return `the revision is ${revision}, and has to be ${this.#revision}`;
    }
    const shown = byName(config);
    for (const [name, { settings }] of this.#targets) {
      if (shown.get(name) === settings) continue;
      return `"${name}" is ${shown.get(name) ?? "gone"}, and has to be ${settings}`;
    }
    const extra = [...shown.keys()].find((name) => !this.#targets.has(name));
    return extra === undefined ? undefined : `"${extra}" is there, and nobody wrote it`;
  }
}

function byName(config: unknown): Map<string, string> {
  return new Map(serversOf(config).map((target) => [String(target["name"]), settingsOf(target)]));
}
