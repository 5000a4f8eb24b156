import { expect, test } from "bun:test";
import { MAX_POINTS, PhiTrails } from "./trails.ts";

test("PhiTrails keeps the last points in the order of time", () => {
  const trails = new PhiTrails();
  for (let at = 0; at < MAX_POINTS + 10; at++) trails.push("a", { atMs: at, phi: at / 10 });
  trails.push("a", { atMs: 5, phi: 99 });
  expect(trails.of("a")).toHaveLength(MAX_POINTS);
  expect([trails.of("a")[0], trails.of("a").at(-1)]).toEqual([
    { atMs: 10, phi: 1 },
    { atMs: MAX_POINTS + 9, phi: (MAX_POINTS + 9) / 10 },
  ]);
  expect(trails.of("b")).toEqual([]);
});

test("PhiTrails begins anew when the monitor's clock was set back", () => {
  const trails = new PhiTrails();
  for (const atMs of [100_000, 101_000, 99_500, 3_000, 4_000]) trails.push("a", { atMs, phi: 1 });
  expect(trails.of("a").map(({ atMs }) => atMs)).toEqual([3_000, 4_000]);
});

test("PhiTrails forgets whom nobody has looked at for longest", () => {
  const trails = new PhiTrails();
  for (let number = 0; number < 200; number++) trails.push(`t${number}`, { atMs: 1, phi: 0 });
  trails.push("t0", { atMs: 2, phi: 0 });
  trails.push("one more", { atMs: 1, phi: 0 });
  expect([trails.of("t0").length, trails.of("t1").length, trails.of("t2").length]).toEqual([
    2, 0, 1,
  ]);
});
