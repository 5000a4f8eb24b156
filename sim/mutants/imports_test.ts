import { expect, test } from "bun:test";
import { join, resolve } from "node:path";
import { loadedBy } from "./imports.ts";

const at = (path: string) => join(resolve(import.meta.dir, "../.."), path);

test("what a file loads is what it imports, what that imports, and itself; types are nothing", () => {
  expect([...loadedBy(at("src/raft/snapshot_work_test.ts"))].toSorted()).toEqual(
    ["crc32c.ts", "snapshot_work.ts", "snapshot_work_test.ts"].map((name) =>
      at(`src/raft/${name}`),
    ),
  );
  expect(loadedBy(at("src/raft/core_test.ts"))).toContain(at("src/raft/log.ts"));
});
