import { expect, test } from "bun:test";
import { pause, repeat } from "./pause.ts";

const LONG_MS = 3_600_000;

test("pause() ends when it is over, and does not begin after that", async () => {
  const over = new AbortController();
  const paused = pause(LONG_MS, over.signal);
  over.abort();
  await paused;
  await pause(LONG_MS, over.signal);
});

test("repeat() does nothing more once it is over", async () => {
  const over = new AbortController();
  const turns: number[] = [];
  await repeat(0, over.signal, (turn) => {
    turns.push(turn);
    if (turn === 2) over.abort();
  });
  expect(turns).toEqual([0, 1, 2]);
});
