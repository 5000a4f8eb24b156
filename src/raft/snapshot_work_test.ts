import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { crc32c } from "./crc32c.ts";
import { SnapshotWork } from "./snapshot_work.ts";
import type { StateMachine } from "./state_machine.ts";

function machineOf(parts: readonly Uint8Array[], inParts: boolean): StateMachine {
  return {
    apply: () => ({ ok: true, output: new Uint8Array() }),
    snapshot: () => Buffer.concat(parts),
    ...(inParts && { snapshotParts: () => parts }),
    restore: () => ({ ok: true }),
  };
}

/** Steps until it is made. */
function make(work: SnapshotWork) {
  for (let steps = 1; ; steps++) {
    const made = work.step();
    if (made !== undefined) return { ...made, steps };
  }
}

describe("SnapshotWork", () => {
  test("gives the parts one after the other, and their checksum", () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array()), fc.boolean(), (parts, inParts) => {
        const whole = new Uint8Array(Buffer.concat(parts));
        const { index, data, checksum } = make(new SnapshotWork(machineOf(parts, inParts), 7));
        expect([index, data, checksum]).toEqual([7, whole, crc32c(whole)]);
      }),
    );
  });

  test("takes a part a step, and puts together about a megabyte a step", () => {
    const parts = Array.from({ length: 30 }, (_, place) => new Uint8Array(100_000).fill(place));
    expect(make(new SnapshotWork(machineOf(parts, true), 1)).steps).toBe(30 + 1 + 3);
    const megabytes = [new Uint8Array(1_048_576), new Uint8Array(1_048_576)];
    expect(make(new SnapshotWork(machineOf(megabytes, true), 1)).steps).toBe(2 + 1 + 2);
  });

  test("of no bytes at all is one too", () => {
    expect(make(new SnapshotWork(machineOf([], true), 1)).data).toHaveLength(0);
  });
});
