import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { join } from "node:path";
import { createDirectory, lockDirectory, storeFiles } from "./_directory.ts";
import { temporaryDirectory } from "./_test_store.ts";

test("lockDirectory() gives a directory to one at a time", () => {
  using directory = temporaryDirectory();
  const files = storeFiles(directory.path);
  const unlock = lockDirectory(files);
  expect(() => lockDirectory(files)).toThrow("is in use");
  unlock();
  lockDirectory(files)();
});

test("lockDirectory() says what it cannot lock", () => {
  expect(() => lockDirectory(storeFiles("/dev/null/x"))).toThrow("/dev/null/x/raft.lock");
});

test("createDirectory() creates what is missing, for its owner alone, and leaves what is there", () => {
  using directory = temporaryDirectory();
  const path = join(directory.path, "a", "b");
  createDirectory(path);
  createDirectory(path);
  expect(statSync(path).mode & 0o777).toBe(0o700);
});
