/**
 * Disks that are too small, for real: a file system of a few megabytes, and a limit on files. A script of the shell
 * sees to the disk, and runs a child on it that prints a line of JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export type Line = Readonly<Record<string, unknown>>;

/** What a script runs under that mounts file systems of its own. */
export const WITH_MOUNTS = ["unshare", "-rm"];

/** Runs shell commands that start the program `file` as `child TASK`; `$2` is a directory. The lines it prints. */
export async function runOnSmallDisk(
  wrapper: readonly string[],
  file: string,
  script: string,
): Promise<Line[]> {
  const directory = mkdtempSync(join(tmpdir(), "phi-full-disk-"));
  const functions = 'bun=$0; file=$1; data=$2/data; child() { "$bun" "$file" "$1" "$data"; }';
  const command = ["sh", "-ec", `${functions}\n${script}`, process.execPath, file, directory];
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
