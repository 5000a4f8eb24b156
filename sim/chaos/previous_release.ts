/**
 * The release before this one, which `rolling-upgrade` starts from. It is built from git's history, by its own Makefile
 * in a folder of its own, and kept in dist under its name, so that it is built once.
 */
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";

/**
 * No release has a tag yet: this is the last commit before the replicated config's format version 3, that of `downVotes`,
 * models and budgets. (Some states after it called another format 3, which this version would take for its own.) Whoever
 * makes a release puts the tag of the one before it here.
 */
const REVISION = "d5d7871b088211c0162de669990bfb53ee13ad00";
const BINARY = `dist/phi-${REVISION}`;

export type PreviousRelease =
  | { readonly ok: true; readonly binary: string }
  /** `why` is the end of a sentence. */
  | { readonly ok: false; readonly why: string };

/** Takes some ten seconds the first time. Throws if it is in the history and cannot be built. */
export function previousRelease(revision = REVISION, binary = BINARY): PreviousRelease {
  if (existsSync(binary)) return { ok: true, binary };
  if (Bun.spawnSync(["git", "cat-file", "-e", `${revision}^{commit}`]).exitCode !== 0) {
    return { ok: false, why: `git has no ${revision} here: the clone is without its history` };
  }
  process.stderr.write(`building the release before this one (${revision})\n`);
  mkdirSync(dirname(binary), { recursive: true });
  const folder = mkdtempSync(`${binary}.`);
  try {
    build(revision, folder);
    renameSync(join(folder, "dist/phi"), binary);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return { ok: true, binary };
}

/** With the bun that runs this, if it is of the version that the release asks for. */
function build(revision: string, folder: string): void {
  const script =
    'git archive --output="$1/tree.tar" "$0" && tar -xf "$1/tree.tar" -C "$1" && make -C "$1" build';
  const PATH = `${dirname(process.execPath)}${delimiter}${process.env["PATH"]}`;
  // What a make above was told is not for this one.
  const env = { ...process.env, PATH, MAKEFLAGS: "", MAKELEVEL: "" };
  const { exitCode, stdout, stderr } = Bun.spawnSync(["sh", "-c", script, revision, folder], {
    env,
  });
  if (exitCode !== 0)
    throw new Error(`Cannot build ${revision}: ${String(stderr)}${String(stdout)}`);
}
