/** docs/cluster.md says for how long a write may be repeated under its key. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { DEFAULT_CONFIG_LIMITS } from "../../src/store/mod.ts";

test("how many keys are remembered, and for how long, is what docs/cluster.md says", () => {
  const { maxKeys, keysExpireAfter } = DEFAULT_CONFIG_LIMITS;
  const page = readFileSync(join(import.meta.dir, "../../docs/cluster.md"), "utf8");
  const [keys, entries] = [maxKeys, keysExpireAfter].map((count) => count.toLocaleString("en"));
  expect(page).toContain(
    `the last ${keys} keys, none for longer than ${entries} entries of its log`,
  );
});
