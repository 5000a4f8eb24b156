/** A full disk and a failing one, for real: a file system of a few megabytes, and a limit on files. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { needs } from "../kit/needs.ts";

const CHILD = fileURLToPath(new URL("./_filling_child.ts", import.meta.url));

type Line = Readonly<Record<string, unknown>>;

/** Runs shell commands that start the child as `child TASK`; `$2` is a directory. The lines it prints. */
async function runScript(wrapper: readonly string[], script: string): Promise<Line[]> {
  const directory = mkdtempSync(join(tmpdir(), "phi-full-disk-"));
  const functions = 'bun=$0; file=$1; data=$2/data; child() { "$bun" "$file" "$1" "$data"; }';
  const command = ["sh", "-ec", `${functions}\n${script}`, process.execPath, CHILD, directory];
  try {
    const child = Bun.spawn([...wrapper, ...command], { stdout: "pipe", stderr: "pipe" });
    const [output, problems, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`it ended with ${code}: ${problems}${output}`);
    return output
      .trim()
      .split("\n")
      .map((line): Line => JSON.parse(line));
  } finally {
    rmSync(directory, { recursive: true });
  }
}

/** What has to be true however the disk fails: the store fails for good, and what it acknowledged stays. */
function expectNothingLost(filled: Line, reopened: Line): void {
  const { acknowledged, detail } = filled;
  expect(acknowledged).toBeGreaterThan(30);
  expect(filled["again"]).toEqual({ ok: false, detail });
  expect(reopened).toMatchObject({ isIntact: true, goesOn: { ok: true } });
  // Being all or nothing, the write that failed may be there, or not.
  expect([0, 1]).toContain(Number(reopened["found"]) - Number(acknowledged));
}

/** Why no file system can be mounted here; undefined where one can. */
function whyNoMounts(): string | undefined {
  if (!needs("unshare")) return "unshare is not installed";
  const probe = Bun.spawnSync(["unshare", "-rm", "mount", "-t", "tmpfs", "none", "/tmp"]);
  return probe.exitCode === 0 ? undefined : `no mounts: ${probe.stderr.toString().trim()}`;
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
    const [filled, stillFull, reopened] = await runScript(["unshare", "-rm"], script);
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
  const [filled, reopened] = await runScript([], script);
  expect(filled).toMatchObject({ detail: expect.stringContaining("SQLITE_IOERR") });
  expectNothingLost(filled!, reopened!);
}, 60_000);
