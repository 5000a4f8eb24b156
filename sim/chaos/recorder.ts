/**
 * Asks every monitor over and over what it sees, and listens to its events, while a scenario runs: URLs
 * in, a recording out. A monitor that is dead or stopped is asked again and again; that it was silent is
 * recorded, too.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { COMBINED_VERDICTS, VERDICTS } from "../../src/verdict/mod.ts";
import type { Member } from "./cluster.ts";
import { EventStreamReader, type StreamEvent } from "./event_stream.ts";
import { parseJson, readCluster, readObservers, readTargets } from "./monitor_api.ts";
import type { Recording, Sample, Silence, VerdictNote } from "./recording.ts";

const ASK_EVERY_MS = 200;
const ANSWER_WITHIN_MS = 1_000;
const LISTEN_AGAIN_MS = 200;

export class Recorder implements Recording {
  readonly samples: Sample[] = [];
  readonly silences: Silence[] = [];
  readonly notes: VerdictNote[] = [];
  readonly #nowMs: () => number;
  readonly #end = new AbortController();
  readonly #loops: readonly Promise<void>[];

  /** Starts at once. `nowMs` is milliseconds since the run began. */
  constructor(monitors: readonly Member[], nowMs: () => number) {
    this.#nowMs = nowMs;
    this.#loops = monitors.flatMap((monitor) => [this.#poll(monitor), this.#listen(monitor)]);
  }

  /** Returns once nothing more is added. */
  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#loops);
  }

  get #isOver(): boolean {
    return this.#end.signal.aborted;
  }

  async #poll({ name, url }: Member): Promise<void> {
    while (!this.#isOver) {
      const askedMs = this.#nowMs();
      const [targets, cluster, observers] = await Promise.all([
        readTargets(url, ANSWER_WITHIN_MS),
        readCluster(url, ANSWER_WITHIN_MS),
        readObservers(url, ANSWER_WITHIN_MS),
      ]);
      const atMs = this.#nowMs();
      const { leader, term } = typeof cluster === "string" ? { leader: null, term: null } : cluster;
      const doubts = observers.find(({ self }) => self)?.doubts ?? null;
      if (targets === undefined) this.silences.push({ monitor: name, atMs });
      else this.samples.push({ monitor: name, atMs, targets, leader, term, doubts });
      // A machine that is slow to answer is not to be kept busy by it.
      await Bun.sleep(Math.max(ASK_EVERY_MS, atMs - askedMs));
    }
  }

  async #listen(monitor: Member): Promise<void> {
    while (!this.#isOver) {
      try {
        await this.#readEvents(monitor);
      } catch (error) {
        // It is not up, or has just been killed; that it is silent is the poll's to record.
        if (!(error instanceof Error)) throw error;
      }
      if (!this.#isOver) await Bun.sleep(LISTEN_AGAIN_MS);
    }
  }

  async #readEvents({ name, url }: Member): Promise<void> {
    const response = await fetch(`${url}/events`, { signal: this.#end.signal });
    if (response.body === null) return;
    const reader = new EventStreamReader();
    const decoder = new TextDecoder();
    for await (const chunk of response.body) {
      const atMs = this.#nowMs();
      for (const event of reader.read(decoder.decode(chunk, { stream: true }))) {
        this.notes.push(...notesOf(event).map((note) => ({ ...note, monitor: name, atMs })));
      }
    }
  }
}

const verdict = Type.Union(VERDICTS.map((each) => Type.Literal(each)));
const combined = Type.Union(COMBINED_VERDICTS.map((each) => Type.Literal(each)));
const Change = Type.Object({ target: Type.String(), to: verdict });
const CombinedChange = Type.Object({ target: Type.String(), to: combined });
const Snapshot = Type.Object({
  targets: Type.Array(
    Type.Object({ target: Type.String(), verdict, combined: Type.Optional(combined) }),
  ),
});

/** The verdicts that an event of `GET /events` tells; none if it tells something else. */
export function notesOf({ type, data }: StreamEvent): Omit<VerdictNote, "monitor" | "atMs">[] {
  const body = parseJson(data);
  if (type === "verdict" && Value.Check(Change, body)) {
    return [{ scope: "own", target: body.target, verdict: body.to, isChange: true }];
  }
  if (type === "combined" && Value.Check(CombinedChange, body)) {
    return [{ scope: "together", target: body.target, verdict: body.to, isChange: true }];
  }
  if (type === "snapshot" && Value.Check(Snapshot, body)) {
    return body.targets.flatMap(({ target, verdict: own, combined: together }) => [
      { scope: "own" as const, target, verdict: own, isChange: false },
      ...(together === undefined
        ? []
        : [{ scope: "together" as const, target, verdict: together, isChange: false }]),
    ]);
  }
  return [];
}
