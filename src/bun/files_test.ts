import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MAX_TEXT_FILE_BYTES, readTextFile } from "./files.ts";

const folder = mkdtempSync(join(tmpdir(), "phi-files-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("readTextFile() reads a small file", async () => {
  writeFileSync(join(folder, "token"), "secret\n");
  expect(await readTextFile(join(folder, "token"))).toBe("secret\n");
});

test("readTextFile() refuses what is missing, too large, or not a file, without opening it", async () => {
  writeFileSync(join(folder, "large"), new Uint8Array(MAX_TEXT_FILE_BYTES + 1));
  Bun.spawnSync(["mkfifo", join(folder, "pipe")]);
  const cases = [
    [join(folder, "missing"), "ENOENT"],
    [join(folder, "large"), "1048577 bytes are more than 1048576"],
    [join(folder, "pipe"), "not a regular file"],
    ["/dev/zero", "not a regular file"],
    [folder, "not a regular file"],
  ] as const;
  const messages = await Promise.all(
    cases.map(([path]) => readTextFile(path).catch((error: unknown) => String(error))),
  );
  for (const [index, [, message]] of cases.entries()) expect(messages[index]).toContain(message);
});

test.if(existsSync("/proc/kallsyms"))(
  "readTextFile() reads no more than it may of a file that says it is empty",
  async () => {
    // It has megabytes. That of the pages has no end.
    for (const path of ["/proc/kallsyms", "/proc/self/pagemap"]) {
      const message = await readTextFile(path).catch((error: unknown) => String(error));
      expect(message).toContain("more than 1048576 bytes");
    }
    expect(await readTextFile("/proc/self/comm")).toBe(readFileSync("/proc/self/comm", "utf8"));
  },
);
