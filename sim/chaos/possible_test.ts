import { expect, test } from "bun:test";
import { runnerFor, whyNotPossible } from "./possible.ts";
import { scenarioOf } from "./scenarios/mod.ts";

const here = { ok: true, binary: "dist/phi" } as const;
const means = { runner: "processes", monitors: 3, previous: () => here } as const;

test("whyNotPossible() names what is lacking", () => {
  const upgrade = scenarioOf("rolling-upgrade")!;
  const lost = { ok: false, why: "it is lost" } as const;
  expect(whyNotPossible(upgrade, { ...means, previous: () => lost })).toEndWith("it is lost");
  expect(whyNotPossible(upgrade, means)).toBeUndefined();
  expect(whyNotPossible(upgrade, { ...means, monitors: 1 })).toBe(
    "not possible with 1 monitors as processes",
  );
  const loss = scenarioOf("server-packet-loss")!;
  expect(whyNotPossible(loss, means)).toBe("not possible with 3 monitors as processes");
  expect(whyNotPossible(loss, { ...means, runner: "docker" })).toBeUndefined();
});

test("runnerFor() has as processes what containers cannot do, and nothing the other way round", () => {
  const [both, asProcesses, inContainers] = ["server-kill", "clock-jump", "server-packet-loss"].map(
    (name) => scenarioOf(name)!,
  );
  expect(runnerFor(both!, "docker")).toBe("docker");
  expect(runnerFor(both!, "processes")).toBe("processes");
  expect(runnerFor(asProcesses!, "docker")).toBe("processes");
  expect(runnerFor(inContainers!, "processes")).toBe("processes");
});
