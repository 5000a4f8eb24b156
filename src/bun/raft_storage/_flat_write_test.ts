import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { Entry, LogWrite } from "../../raft/mod.ts";
import { commandEntry } from "../../../test/kit/log_storage_suite.ts";
import { flatten, unflatten } from "./_flat_write.ts";
import { packWrite } from "./_packed.ts";
import { FIRST } from "./_test_store.ts";

const hardState = { term: 2 ** 47, vote: undefined, commit: 2 ** 46 };

test("a write of entries is the same again, whatever bytes are in it", () => {
  const command = fc.uint8Array({ maxLength: 300 }).map((data): Entry["body"] => {
    return { kind: "command", id: { node: "b", incarnation: 7, sequence: 9 }, data };
  });
  const entries = fc.array(command, { minLength: 1, maxLength: 5 });
  fc.assert(
    fc.property(entries, fc.option(fc.constant("b"), { nil: undefined }), (bodies, vote) => {
      const packed = packWrite({
        hardState: { ...hardState, vote },
        entries: bodies.map((body, place) => ({ index: 2 ** 40 + place, term: 3 + place, body })),
      });
      const flat = flatten(packed)!;
      expect(Object.values(flat).every((value) => typeof value !== "object")).toBe(true);
      expect(unflatten(flat)).toEqual(packed);
    }),
  );
});

test("a write with other parts, or a large one, is not flattened", () => {
  const entries = [commandEntry(2, 1)];
  const writes: readonly LogWrite[] = [
    { hardState, entries: [] },
    { entries },
    { hardState, entries, discardsLog: true },
    { hardState, entries, compactThrough: 1 },
    { hardState, entries, snapshot: FIRST },
    { hardState, entries: [commandEntry(2, 1, 20_000)] },
  ];
  for (const write of writes) expect(flatten(packWrite(write))).toBeUndefined();
});
