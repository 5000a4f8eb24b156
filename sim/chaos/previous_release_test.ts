import { expect, test } from "bun:test";
import { previousRelease } from "./previous_release.ts";

const NOBODYS = "0123456789012345678901234567890123456789";

test("previousRelease() says which revision a clone without history lacks", () => {
  const found = previousRelease(NOBODYS, "dist/phi-nobodys");
  expect(found).toEqual({ ok: false, why: expect.stringContaining(`git has no ${NOBODYS} here`) });
});

test("previousRelease() takes what was built before", () => {
  const built = { ok: true, binary: "package.json" } as const;
  expect(previousRelease(NOBODYS, built.binary)).toEqual(built);
});
