/** A full disk, for real: a history fills none up, loses what it cannot keep, and goes on once there is room. */
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { whyNoMounts } from "../../sim/chaos/small_disk.ts";
import { runOnSmallDisk, WITH_MOUNTS } from "../kit/small_disk.ts";

const CHILD = fileURLToPath(new URL("./_filling_child.ts", import.meta.url));

const reason = whyNoMounts();
const isSkipped = reason !== undefined && process.env["CI"] !== "true";

test.skipIf(isSkipped)(
  `a full disk costs the history that does not fit${isSkipped ? ` (${reason})` : ""}`,
  async () => {
    const script = `
      mount -t tmpfs -o size=12m none "$2"
      head -c 8000000 /dev/zero >"$2/ballast"
      child fill`;
    const [line] = await runOnSmallDisk(WITH_MOUNTS, CHILD, script);
    expect(line).toMatchObject({
      detail: expect.stringMatching(/SQLITE_(?:FULL|IOERR)/u),
      goesOn: true,
      notices: [],
    });
    const [kept, samples] = [Number(line!["kept"]), Number(line!["samples"])];
    expect(kept).toBeGreaterThan(10);
    expect(Number(line!["lost"])).toBeGreaterThan(0);
    // What fitted is still there, or has given way to what came later.
    expect(samples).toBeGreaterThan(20);
    expect(samples).toBeLessThanOrEqual(kept + 220);
  },
  60_000,
);

test.skipIf(isSkipped)(
  `a disk that fills up keeps what the history is to leave free${isSkipped ? ` (${reason})` : ""}`,
  async () => {
    const script = `
      mount -t tmpfs -o size=36m none "$2"
      head -c 6000000 /dev/zero >"$2/ballast"
      child spare`;
    const [line] = await runOnSmallDisk(WITH_MOUNTS, CHILD, script);
    expect(line).toMatchObject({ kept: 1_499, lost: 0, goesOn: true, notices: [] });
    expect(Number(line!["leastFreeBytes"])).toBeGreaterThanOrEqual(16 * 1024 * 1024);
    // It was the disk that held it back, of which it has used what it may.
    expect(Number(line!["fullBytes"])).toBeGreaterThan(5_000_000);
    expect(Number(line!["samples"])).toBeLessThan(1_400);
    expect(Number(line!["grownBytes"])).toBeGreaterThan(0);
  },
  60_000,
);
