import { expect, test } from "bun:test";
import { ProgressBar } from "./progress_bar.ts";

function makeBar() {
  const time = { nowMs: 5_000 };
  const drawn: string[] = [];
  const clock = { monotonicMs: () => time.nowMs, wallMs: () => 0 };
  return { time, drawn, clock, bar: new ProgressBar((text) => void drawn.push(text), clock) };
}

test("what is done soon shows no bar", () => {
  const { bar, drawn, time } = makeBar();
  bar.show("judging", 0.1);
  time.nowMs += 699;
  expect(bar.show("judging", 0.9)).toBe(false);
  bar.clear();
  expect(drawn).toEqual([]);
});

test("what takes longer overwrites itself, ten times a second at most, and goes away", () => {
  const { bar, drawn, time } = makeBar();
  time.nowMs += 700;
  expect(bar.show("judging", 0.5)).toBe(true);
  time.nowMs += 99;
  bar.show("judging", 0.6);
  time.nowMs += 1;
  bar.show("reading", undefined, ", 12 heartbeats");
  bar.clear();
  bar.clear();
  expect(drawn).toEqual([
    `\r\u001b[Kjudging [${"#".repeat(15)}${"-".repeat(15)}]  50 %`,
    "\r\u001b[Kreading, 12 heartbeats",
    "\r\u001b[K",
  ]);
});

test("where nobody watches nothing is drawn", () => {
  const { time, clock } = makeBar();
  const bar = new ProgressBar(undefined, clock);
  time.nowMs += 10_000;
  expect(bar.show("judging", 0.5)).toBe(false);
  bar.clear();
});
