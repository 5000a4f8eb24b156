import { expect, test } from "bun:test";
import { coreMutants } from "./core_mutants.ts";
import { staleAmong } from "./explained.ts";

test("each explanation is of a change that can be made today", () => {
  const mutants = coreMutants();
  expect(staleAmong(mutants)).toEqual([]);
  const file = "src/raft/progress.ts";
  const others = mutants.filter((mutant) => mutant.file !== file);
  expect(new Set(staleAmong(others).map((each) => each.file))).toEqual(new Set([file]));
});
