/**
 * A wall clock of its own for a local process, by libfaketime, which stands between it and the C library:
 * an offset is written to a file, and from then on the process's wall clock is so far from the machine's.
 * The monotonic clock and its timers are left as they are, as they are when somebody sets a machine's clock.
 */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const LIBRARIES = "/usr/lib";
const NAME = "faketime/libfaketimeMT.so.1";

/** Where the library is, as Debian installs it; undefined where it is not. */
export function fakeTimeLibrary(): string | undefined {
  const folders = readdirSync(LIBRARIES, { withFileTypes: true });
  return folders
    .filter((each) => each.isDirectory())
    .map(({ name }) => join(LIBRARIES, name, NAME))
    .find((path) => Bun.file(path).size > 0);
}

/** What a process needs in its environment for its clock to follow that file. Throws without the library. */
export function fakeClockEnvironment(offsetFile: string): Record<string, string> {
  const library = fakeTimeLibrary();
  if (library === undefined) throw new Error("libfaketime is not installed");
  writeOffset(offsetFile, 0);
  return {
    LD_PRELOAD: library,
    FAKETIME_TIMESTAMP_FILE: offsetFile,
    // The file is read at each look at the clock, so that a jump comes when it is made.
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    DONT_FAKE_MONOTONIC: "1",
  };
}

export function writeOffset(offsetFile: string, seconds: number): void {
  writeFileSync(offsetFile, `${seconds < 0 ? "" : "+"}${seconds}s\n`);
}
