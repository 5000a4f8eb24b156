import { expect, test } from "bun:test";
import type { LogWrite } from "../../src/raft/mod.ts";
import { Random } from "./random.ts";
import { damageIn, logOf, over, replayedTransactions, torn } from "./write_ahead_log.ts";

function write(index: number, bytes = 50): LogWrite {
  const id = { node: "a", incarnation: 1, sequence: index };
  const data = new Uint8Array(bytes).fill(index);
  return { entries: [{ index, term: 1, body: { kind: "command", id, data } }] };
}

const synced = [[write(1)], [write(2), write(3)]];
const underWay = [write(4, 9_000)];

test("a log that is whole is replayed to its end, and is not damaged", () => {
  for (const transactions of [[], synced, [...synced, underWay]]) {
    const log = logOf(transactions, 1);
    expect([replayedTransactions(log), damageIn(log)]).toEqual([transactions.length, undefined]);
  }
});

test("a torn transaction is dropped, those before it are not, and nobody calls it damage", () => {
  const replayed = new Set<number>();
  for (const [salt, before] of [
    [2, logOf(synced, 2)],
    [2, over(logOf([...synced, [write(9, 9_000)], [write(10)]], 1), logOf(synced, 2))],
  ] as const) {
    for (let seed = 0; seed < 200; seed++) {
      const left = torn(before, logOf([...synced, underWay], salt), new Random(seed));
      expect([seed, damageIn(left)]).toEqual([seed, undefined]);
      replayed.add(replayedTransactions(left));
    }
  }
  expect([...replayed].toSorted()).toEqual([2, 3]);
});

test("a flipped bit ends the log there; before the last transactions it is called damage", () => {
  const transactions = [1, 2, 3, 4, 5, 6].map((index) => [write(index)]);
  const log = logOf(transactions, 1);
  const random = new Random(1);
  for (let count = 0; count < 300; count++) {
    const place = random.below(log.length);
    const damaged = Uint8Array.from(log);
    damaged[place]! ^= 1 << random.below(8);
    // Two frames each: that of the state, and one for the entry.
    const transaction = Math.floor(Math.max(0, place - 32) / (2 * 4_120));
    expect(replayedTransactions(damaged)).toBe(place < 32 ? 0 : transaction);
    if (transaction < 4) expect(damageIn(damaged)).toBeString();
  }
});
