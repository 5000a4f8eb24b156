import { expect, test } from "bun:test";
import type { HistoryAnswer } from "./answers.ts";
import type { Answer } from "./asker.ts";
import { momentOf } from "./moment.ts";
import { TargetHistory } from "./target_history.ts";

const START_MS = Date.parse("2026-01-31T00:00:00Z");

/** A monitor that answers as the route does: the earliest first, so much at a time, and where to go on. */
class FakeMonitor {
  readonly asked: URLSearchParams[] = [];
  readonly #changes: HistoryAnswer["changes"][number][] = [];

  /** A flapping target's: `count` more changes, one every so many seconds. */
  flap(count: number, everySeconds: number): void {
    for (let each = 0; each < count; each++) {
      const number = this.#changes.length;
      const at = new Date(START_MS + number * everySeconds * 1_000).toISOString();
      this.#changes.push({ at, scope: "own", from: "up", to: "down", reason: `${number}` });
    }
  }

  readonly ask = async (query: string): Promise<Answer<HistoryAnswer>> => {
    const parameters = new URLSearchParams(query);
    this.asked.push(parameters);
    const fromMs = momentOf(parameters.get("from") ?? new Date(START_MS).toISOString());
    const limit = Number(parameters.get("limit"));
    const left = this.#changes.filter(({ at }) => momentOf(at) >= fromMs);
    const next = left[limit]?.at ?? null;
    return { kind: "ok", body: { changes: left.slice(0, limit), phi: [], next } };
  };
}

async function numbersOf(history: TargetHistory, monitor: FakeMonitor): Promise<number[]> {
  const answer = await history.read(monitor.ask);
  return answer?.kind === "ok" ? answer.body.changes.map(({ reason }) => Number(reason)) : [];
}

test("TargetHistory goes on to the last change of a target that has more than one page of them", async () => {
  const monitor = new FakeMonitor();
  monitor.flap(5_000, 10);
  const history = new TargetHistory();
  expect(await numbersOf(history, monitor)).toEqual(Array.from({ length: 5_000 }, (_, at) => at));
  // What cannot change any more is not asked for again.
  const before = monitor.asked.length;
  monitor.flap(1, 10);
  expect((await numbersOf(history, monitor)).at(-1)).toBe(5_000);
  expect(monitor.asked.length).toBe(before + 1);
  expect(monitor.asked.at(-1)?.get("from")).toBe("2026-01-31T11:06:40.000Z");
});

test("TargetHistory asks once for what fits on a page, and lets the monitor say from when", async () => {
  const monitor = new FakeMonitor();
  monitor.flap(3, 10);
  expect(await numbersOf(new TargetHistory(), monitor)).toEqual([0, 1, 2]);
  expect(monitor.asked.map((query) => query.get("from"))).toEqual([null]);
});

test("TargetHistory keeps about a day, however long somebody looks", async () => {
  const monitor = new FakeMonitor();
  monitor.flap(13_000, 20);
  const numbers = await numbersOf(new TargetHistory(), monitor);
  expect(numbers.at(-1)).toBe(12_999);
  expect(numbers.length).toBeLessThan(8_000);
});

test("TargetHistory begins anew after a refusal, as of a start that is yet to come", async () => {
  const monitor = new FakeMonitor();
  monitor.flap(2_001, 10);
  const history = new TargetHistory();
  await numbersOf(history, monitor);
  const refusal = { kind: "refused", status: 400, detail: "no", isOfMonitor: true } as const;
  expect(await history.read(async () => refusal)).toEqual(refusal);
  await numbersOf(history, monitor);
  expect(monitor.asked.map((query) => query.has("from"))).toEqual([false, true, false, true]);
});
