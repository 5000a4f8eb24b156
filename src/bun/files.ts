/**
 * Reads small files that people put beside the configuration: secrets, certificate authorities. A
 * path may come from somebody who is wrong or hostile, so that anything but a regular file of
 * moderate size is refused before it is opened: a pipe would never answer, a device never end. The kernel has
 * files that say they are regular and empty, and do the same.
 */
import { constants } from "node:fs";
import { open, readFile, stat } from "node:fs/promises";
import type { ReadTextFile } from "../port.ts";

/** Four times the size of a whole system's bundle of authorities. */
export const MAX_TEXT_FILE_BYTES = 1024 * 1024;

export const readTextFile: ReadTextFile = async (path) => {
  const info = await stat(path);
  if (!info.isFile()) throw new Error("not a regular file");
  if (info.size > MAX_TEXT_FILE_BYTES) {
    throw new Error(`${info.size} bytes are more than ${MAX_TEXT_FILE_BYTES}`);
  }
  return info.size > 0 ? await readFile(path, "utf8") : await readUnsized(path);
};

const CHUNK_BYTES = 64 * 1024;

/**
 * The text of a file that says it is empty, as those of the kernel do that make what they hold when they are read. Rejects
 * where that is more than may be, or has yet to come.
 */
async function readUnsized(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    const chunks: Uint8Array[] = [];
    for (let totalBytes = 0; totalBytes <= MAX_TEXT_FILE_BYTES;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK_BYTES));
      if (bytesRead === 0) return Buffer.concat(chunks).toString();
      chunks.push(buffer.subarray(0, bytesRead));
      totalBytes += bytesRead;
    }
  } finally {
    await file.close();
  }
  throw new Error(`more than ${MAX_TEXT_FILE_BYTES} bytes`);
}

/** The bytes of a file named on the command line. Rejects if it cannot be read. */
export async function readBytes(path: string): Promise<Uint8Array> {
  return await readFile(path);
}
