import { describe, expect, test } from "bun:test";
import { replay, REPLAY_MODELS, type ReplayResult, TraceBuilder } from "../../qos/mod.ts";
import { replaySvg } from "./svg.ts";

/** Every seventh heartbeat is late by half an interval; `longGapMs` comes once. */
function judged(name: string, longGapMs: number, models = REPLAY_MODELS): ReplayResult {
  const builder = new TraceBuilder();
  for (let sequence = 0; sequence < 400; sequence++) {
    const lateMs = sequence % 7 === 0 ? 50 : 0;
    builder.add(sequence, 100 * sequence + lateMs + (sequence > 200 ? longGapMs : 0));
  }
  const trace = builder.build(name);
  const work = replay(trace, { models, warmUpHeartbeats: 20, budget: {} });
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

const circles = (svg: string) =>
  [...svg.matchAll(/<circle cx="([\d.-]+)" cy="([\d.-]+)"/gu)].map(([, x, y]) => [+x!, +y!]);

describe("replaySvg", () => {
  test("a name is text, whatever is in it", () => {
    const svg = replaySvg(judged(`<b a="1">&\u0007`, 0));
    expect(svg).toContain("&lt;b a=&quot;1&quot;&gt;&amp; </text>");
    expect(svg).not.toContain("<b");
  });

  test("has a line and a name for each model, told apart by colour or dashes", () => {
    const svg = replaySvg(judged("t", 500));
    const lines = [...svg.matchAll(/<line x1="778" [^>]*(stroke="#[^>]*)\/>/gu)].map(
      ([, ink]) => ink,
    );
    expect(new Set(lines).size).toBe(REPLAY_MODELS.length);
    for (const { name } of REPLAY_MODELS) expect(svg).toContain(`>${name}</text>`);
  });

  test("all that is drawn is on the picture; without a mistake it is in the lane, which says how little that tells", () => {
    const fixed = REPLAY_MODELS.filter(({ name }) => name === "fixed");
    const svg = replaySvg(judged("t", 5_000, fixed));
    for (const [x, y] of circles(svg)) {
      expect(x!).toBeGreaterThanOrEqual(84);
      expect(x!).toBeLessThanOrEqual(793);
      expect(y!).toBeGreaterThan(60);
      expect(y!).toBeLessThan(500);
    }
    const calm = replaySvg(judged("t", 0, fixed));
    const inLane = circles(calm).filter(([x, y]) => x! < 760 && y! > 454);
    expect(inLane.length).toBeGreaterThan(10);
    expect(calm).toMatch(/below [\d,.]+ \/h at 95 %/u);
  });
});
