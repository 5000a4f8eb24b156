/** That libfaketime does with this Bun what a jump of the wall clock does, and no more. */
import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fakeClockEnvironment, fakeTimeLibrary, writeOffset } from "./fake_clock.ts";

const directory = mkdtempSync(join(tmpdir(), "phi-fake-clock-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Says at each line it gets what its clocks show, and how long a timer of 100 ms took by the monotonic one. */
const CHILD = `
for await (const _ of console) {
  const began = performance.now();
  await Bun.sleep(100);
  const took = performance.now() - began;
  console.log(JSON.stringify({ wall: Date.now(), monotonic: performance.now(), took }));
}`;

interface Clocks {
  readonly wall: number;
  readonly monotonic: number;
  readonly took: number;
}

function isHere(): boolean {
  if (fakeTimeLibrary() !== undefined) return true;
  if (process.env["CI"] === "true") throw new Error("CI has to install libfaketime");
  console.warn("skipped: libfaketime is not installed");
  return false;
}

test.skipIf(!isHere())(
  "the wall clock jumps at once; the monotonic one and timers do not",
  async () => {
    const offsetFile = join(directory, "offset");
    const env = { ...process.env, ...fakeClockEnvironment(offsetFile) };
    const child = Bun.spawn([process.execPath, "-e", CHILD], {
      env,
      stdin: "pipe",
      stdout: "pipe",
    });
    const lines = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
    const ask = async (): Promise<Clocks> => {
      await child.stdin.write("now\n");
      await child.stdin.flush();
      return JSON.parse((await lines.read()).value ?? "");
    };
    let before = await ask();
    for (const [offset, jump] of [
      [3_600, 3_600],
      [-3_600, -7_200],
      [0, 3_600],
    ] as const) {
      writeOffset(offsetFile, offset);
      const after = await ask();
      const passedMs = after.monotonic - before.monotonic;
      // However slow the machine: what passed by the one clock passed by the other, but for the jump.
      expect(Math.abs(after.wall - before.wall - passedMs - 1_000 * jump)).toBeLessThan(1_000);
      expect(passedMs).toBeWithin(99, 60_000);
      expect(after.took).toBeWithin(99, 60_000);
      before = after;
    }
    child.kill();
    await child.exited;
  },
);
