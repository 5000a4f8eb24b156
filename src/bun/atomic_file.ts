/**
 * Writes a file whole or not at all: a path and a text in, and on the disk when it says so. Whoever reads
 * the path meanwhile, or after a crash, finds what was there before or all that is new.
 */
import type { Stats } from "node:fs";
import { link, lstat, open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";

const PERMISSIONS = 0o777;

export type WriteTextFileResult =
  | { readonly ok: true }
  /** `exists`: there is one already, and it was not to be replaced. `detail` is the end of a sentence. */
  | { readonly ok: false; readonly reason: "exists" | "failed"; readonly detail: string };

/**
 * Replaces what is at the path only if `replaces`, and only a regular file, whose permissions stay. Never rejects.
 */
export type WriteTextFile = (
  path: string,
  text: string,
  options: { readonly replaces: boolean },
) => Promise<WriteTextFileResult>;

export const writeTextFile: WriteTextFile = async (path, text, { replaces }) => {
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${crypto.randomUUID()}.draft`);
  try {
    const replaced = replaces ? await statOf(path) : undefined;
    // A device or a link would be gone afterwards, and a file in its place.
    if (replaced?.isFile() === false) {
      return { ok: false, reason: "failed", detail: "what is there is not a regular file" };
    }
    await writeDurably(draft, text, replaced && replaced.mode & PERMISSIONS);
    // A link is refused where there is something already; a rename is not.
    if (replaces) await rename(draft, path);
    else await link(draft, path);
    await syncFolder(folder);
    return { ok: true };
  } catch (error) {
    if (isError(error) && error.code === "EEXIST") {
      return { ok: false, reason: "exists", detail: "there is a file already" };
    }
    return { ok: false, reason: "failed", detail: isError(error) ? error.message : String(error) };
  } finally {
    await rm(draft, { force: true }).catch(() => undefined);
  }
};

/** Undefined where there is nothing. */
async function statOf(path: string): Promise<Stats | undefined> {
  try {
    return await lstat(path);
  } catch (error) {
    if (isError(error) && error.code === "ENOENT") return undefined;
    throw error;
  }
}

/** Without `mode` the umask decides who may read it. */
async function writeDurably(path: string, text: string, mode?: number): Promise<void> {
  const file = await open(path, "wx", mode);
  try {
    // What the umask has taken from it.
    if (mode !== undefined) await file.chmod(mode);
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** So that the name is durable, too. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, "r");
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function isError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error;
}
