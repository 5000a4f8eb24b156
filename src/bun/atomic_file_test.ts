import { afterEach, beforeEach, expect, test } from "bun:test";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeTextFile } from "./atomic_file.ts";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "phi-atomic-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const NEW = { replaces: false };
const REPLACING = { replaces: true };

test("writeTextFile() writes a new file, and leaves nothing else behind", async () => {
  expect(await writeTextFile(join(folder, "a.yml"), "text é\n", NEW)).toEqual({ ok: true });
  expect(readFileSync(join(folder, "a.yml"), "utf8")).toBe("text é\n");
  expect(readdirSync(folder)).toEqual(["a.yml"]);
});

test("writeTextFile() replaces a file only if it is told to", async () => {
  const path = join(folder, "a.yml");
  writeFileSync(path, "old");
  expect(await writeTextFile(path, "new", NEW)).toMatchObject({ ok: false, reason: "exists" });
  expect(readFileSync(path, "utf8")).toBe("old");
  expect(await writeTextFile(path, "new", REPLACING)).toEqual({ ok: true });
  expect(readFileSync(path, "utf8")).toBe("new");
  expect(readdirSync(folder)).toEqual(["a.yml"]);
});

test("writeTextFile() leaves whoever may read or write a file as they are when it replaces it", async () => {
  const path = join(folder, "a.yml");
  writeFileSync(path, "old");
  // With the usual umask, which takes writing from all but the owner, a new file is neither.
  for (const mode of [0o600, 0o400, 0o666]) {
    chmodSync(path, mode);
    expect(await writeTextFile(path, "new", REPLACING)).toEqual({ ok: true });
    expect(statSync(path).mode & 0o777).toBe(mode);
  }
});

test("of two that write a new file at a time, one does and the other says so", async () => {
  const path = join(folder, "a.yml");
  const results = await Promise.all(["1", "2"].map((text) => writeTextFile(path, text, NEW)));
  expect(results.map(({ ok }) => ok).toSorted()).toEqual([false, true]);
  expect(readFileSync(path, "utf8")).toBe(results[0]!.ok ? "1" : "2");
});

test("writeTextFile() replaces nothing but regular files", async () => {
  mkdirSync(join(folder, "folder"));
  writeFileSync(join(folder, "target"), "old");
  symlinkSync(join(folder, "target"), join(folder, "link"));
  symlinkSync(join(folder, "nowhere"), join(folder, "broken"));
  for (const name of ["folder", "link", "broken"]) {
    for (const options of [NEW, REPLACING]) {
      expect(await writeTextFile(join(folder, name), "new", options)).toMatchObject({ ok: false });
    }
  }
  expect(readFileSync(join(folder, "target"), "utf8")).toBe("old");
  expect(readlinkSync(join(folder, "broken"))).toBe(join(folder, "nowhere"));
  expect(readdirSync(folder).toSorted()).toEqual(["broken", "folder", "link", "target"]);
});

test("writeTextFile() says why a file cannot be written", async () => {
  const missing = await writeTextFile(join(folder, "no", "a.yml"), "x", NEW);
  expect(missing).toMatchObject({ ok: false, reason: "failed" });
  expect(missing.ok ? "" : missing.detail).toContain("ENOENT");
  const long = await writeTextFile(join(folder, "x".repeat(300)), "x", REPLACING);
  expect(long).toMatchObject({ ok: false, reason: "failed" });
});
