import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  DISK_MEGABYTES,
  fill,
  free,
  mountSmallDisk,
  onSmallDisk,
  pathThrough,
  whyNoMounts,
} from "./small_disk.ts";
import type { SmallDisk } from "./small_disk.ts";

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function makeDisk(): Promise<{ readonly disk: SmallDisk; readonly outside: string }> {
  const directory = join(mkdtempSync(join(tmpdir(), "phi-small-disk-")), "data");
  mkdirSync(directory);
  const disk = await mountSmallDisk(directory);
  ends.push(() => {
    disk.holder.kill("SIGKILL");
    rmSync(join(directory, ".."), { recursive: true });
  });
  return { disk, outside: pathThrough(disk.holder.pid, directory) };
}

/** What a shell command there ends with. */
function run(disk: SmallDisk, command: string): number {
  const shell = [...onSmallDisk(disk), "sh", "-c", command, disk.directory];
  return Bun.spawnSync(shell, { stderr: "ignore" }).exitCode;
}

const reason = whyNoMounts();
const isSkipped = reason !== undefined && process.env["CI"] !== "true";

describe.skipIf(isSkipped)(`a small disk${isSkipped ? ` (${reason})` : ""}`, () => {
  test("has the size that it is to have, and nobody else sees what is on it", async () => {
    const { disk, outside } = await makeDisk();
    const { blocks, bsize } = statfsSync(outside);
    expect(blocks * bsize).toBe(DISK_MEGABYTES * 1_024 * 1_024);
    expect(run(disk, 'echo kept > "$0/file"')).toBe(0);
    expect(await Bun.file(join(outside, "file")).text()).toBe("kept\n");
    expect(await Bun.file(join(disk.directory, "file")).exists()).toBe(false);
  });

  test("is full until it is freed, and keeps what was on it when nobody runs there", async () => {
    const { disk, outside } = await makeDisk();
    expect(run(disk, 'echo kept > "$0/file"')).toBe(0);
    await fill(outside);
    expect(statfsSync(outside).bavail).toBe(0);
    expect(run(disk, 'echo more > "$0/other"')).not.toBe(0);
    free(outside);
    expect(run(disk, 'echo more > "$0/other" && grep -q kept "$0/file"')).toBe(0);
  });
});
