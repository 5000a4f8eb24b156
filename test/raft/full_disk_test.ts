/** A full disk and a failing one, for real: a file system of a few megabytes, and a limit on files. */
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { whyNoMounts } from "../../sim/chaos/small_disk.ts";
import { type Line, runOnSmallDisk, WITH_MOUNTS } from "../kit/small_disk.ts";

const CHILD = fileURLToPath(new URL("./_filling_child.ts", import.meta.url));

/** What has to be true however the disk fails: the store fails for good, and what it acknowledged stays. */
function expectNothingLost(filled: Line, reopened: Line): void {
  const { acknowledged, detail } = filled;
  expect(acknowledged).toBeGreaterThan(30);
  expect(filled["again"]).toEqual({ ok: false, detail });
  expect(reopened).toMatchObject({ isIntact: true, goesOn: { ok: true } });
  // Being all or nothing, the write that failed may be there, or not.
  expect([0, 1]).toContain(Number(reopened["found"]) - Number(acknowledged));
}

const reason = whyNoMounts();
const isSkipped = reason !== undefined && process.env["CI"] !== "true";

test.skipIf(isSkipped)(
  `a full disk fails the store for good, and loses nothing${isSkipped ? ` (${reason})` : ""}`,
  async () => {
    const script = `
      mount -t tmpfs -o size=24m none "$2"
      head -c 10000000 /dev/zero >"$2/ballast"
      child fill
      child open
      rm "$2/ballast"
      child open`;
    const [filled, stillFull, reopened] = await runOnSmallDisk(WITH_MOUNTS, CHILD, script);
    expect(filled).toMatchObject({ detail: expect.stringContaining("SQLITE_FULL"), wasLow: true });
    expect(stillFull).toMatchObject({
      refused: { kind: "cannotOpen", remedy: expect.stringContaining("room on its disk") },
    });
    expectNothingLost(filled!, reopened!);
  },
  60_000,
);

test("an I/O error fails the store for good, and loses nothing", async () => {
  // No file may grow past 3 MiB, and the signal that would say so is ignored.
  const script = `
    (trap "" XFSZ; ulimit -f 6144; child fill)
    child open`;
  const [filled, reopened] = await runOnSmallDisk([], CHILD, script);
  expect(filled).toMatchObject({ detail: expect.stringContaining("SQLITE_IOERR") });
  expectNothingLost(filled!, reopened!);
}, 60_000);
