/**
 * Reads small files that people put beside the configuration: secrets, certificate authorities. A
 * path may come from somebody who is wrong or hostile, so that anything but a regular file of
 * moderate size is refused before it is opened: a pipe would never answer, a device never end.
 */
import { readFile, stat } from "node:fs/promises";
import type { ReadTextFile } from "../port.ts";

/** Four times the size of a whole system's bundle of authorities. */
export const MAX_TEXT_FILE_BYTES = 1024 * 1024;

export const readTextFile: ReadTextFile = async (path) => {
  const info = await stat(path);
  if (!info.isFile()) throw new Error("not a regular file");
  if (info.size > MAX_TEXT_FILE_BYTES) {
    throw new Error(`${info.size} bytes are more than ${MAX_TEXT_FILE_BYTES}`);
  }
  return await readFile(path, "utf8");
};

/** The bytes of a file named on the command line. Rejects if it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  return await readFile(path);
}
