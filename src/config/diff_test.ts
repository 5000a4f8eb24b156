import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyServers, anyTargetInput } from "../../test/kit/arbitrary_target.ts";
import { decodeConfig } from "./decode_config.ts";
import { decodeTarget } from "./decode_target.ts";
import { diffTargets, sameTarget } from "./diff.ts";
import type { Target } from "./target.ts";

function targetsOf(inputs: readonly unknown[]): readonly Target[] {
  const result = decodeConfig({ servers: inputs });
  if (!result.ok) throw new Error("an arbitrary config is not valid");
  return result.targets;
}

describe("diffTargets()", () => {
  test("leads from any config to any other, by targets that differ alone", () => {
    fc.assert(
      fc.property(anyServers, anyServers, fc.integer({ min: 0, max: 5 }), (a, b, shared) => {
        const before = targetsOf(a);
        const taken = new Set(b.map((input) => String(input.name)));
        const kept = before.slice(0, shared).filter(({ name }) => !taken.has(name));
        const after = [...targetsOf(b), ...structuredClone(kept)];
        const { written, deleted } = diffTargets(before, after);
        const byName = new Map(before.map((target) => [target.name, target]));
        for (const name of deleted) expect(byName.delete(name)).toBe(true);
        for (const target of written) {
          expect(byName.get(target.name)).not.toEqual(target);
          byName.set(target.name, target);
        }
        expect(byName).toEqual(new Map(after.map((target) => [target.name, target])));
      }),
      { numRuns: 200 },
    );
  });
});

describe("sameTarget()", () => {
  test("sees through copies and the order of keys", () => {
    fc.assert(
      fc.property(anyTargetInput, (input) => {
        const [target] = targetsOf([input]);
        const keysTurned = Object.fromEntries(
          Object.entries(structuredClone(target!)).toReversed(),
        );
        const copy = decodeTarget(JSON.parse(JSON.stringify(input)));
        expect(copy.ok && sameTarget(target!, copy.target)).toBe(true);
        expect(sameTarget(target!, { ...target!, ...keysTurned })).toBe(true);
      }),
      { numRuns: 100 },
    );
  });

  test("sees one setting that differs, however deep, and one that is missing", () => {
    const [target] = targetsOf([
      {
        name: "a",
        url: "http://a/",
        headers: { X: "1" },
        bearerTokenFile: "/t",
        expect: { status: [200, 204] },
      },
    ]);
    const { bearerTokenFile: _, ...withoutToken } = target!;
    expect(sameTarget(target!, withoutToken)).toBe(false);
    expect(sameTarget(withoutToken, target!)).toBe(false);
    expect(sameTarget(target!, { ...target!, headers: { X: "2" } })).toBe(false);
    expect(sameTarget(target!, { ...target!, headers: { Y: "1" } })).toBe(false);
    expect(sameTarget(target!, { ...target!, headers: {} })).toBe(false);
    expect(
      sameTarget(target!, { ...target!, expect: { ...target!.expect, status: [204, 200] } }),
    ).toBe(false);
    expect(
      sameTarget(target!, { ...target!, monitor: { ...target!.monitor, threshold: 15 } }),
    ).toBe(false);
  });
});
