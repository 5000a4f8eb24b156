import { expect, test } from "bun:test";
import { whyNotPossible } from "./possible.ts";
import { scenarioOf } from "./scenarios/mod.ts";

const means = { runner: "processes", monitors: 3, previous: undefined } as const;

test("whyNotPossible() names what is lacking", () => {
  const upgrade = scenarioOf("rolling-upgrade")!;
  expect(whyNotPossible(upgrade, means)).toMatch(/PHI_PREVIOUS/u);
  expect(whyNotPossible(upgrade, { ...means, previous: "dist/phi" })).toBeUndefined();
  expect(whyNotPossible(upgrade, { ...means, previous: "dist/phi", monitors: 1 })).toBe(
    "not possible with 1 monitors as processes",
  );
  const loss = scenarioOf("server-packet-loss")!;
  expect(whyNotPossible(loss, means)).toBe("not possible with 3 monitors as processes");
  expect(whyNotPossible(loss, { ...means, runner: "docker" })).toBeUndefined();
});
