/** A full disk, for real: a history loses what it cannot keep, and goes on once there is room. */
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
    expect(samples).toBeLessThanOrEqual(kept + 40);
  },
  60_000,
);
