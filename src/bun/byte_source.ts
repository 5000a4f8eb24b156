/**
 * Bytes of a file or of standard input as they come, for whoever does not need them all at once: a path
 * goes in, `-` being standard input, pieces come out. A pipe, or what a shell makes of `<(...)`, is as good as a file.
 */
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";

export interface ByteSource {
  /** Of a regular file; undefined where nobody knows beforehand. */
  readonly sizeBytes: number | undefined;
  /** Rejects in the middle if it cannot be read any further. */
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Rejects if there is nothing to read. */
export type OpenBytes = (path: string) => Promise<ByteSource>;

const PIECE_BYTES = 256 * 1024;

export const openBytes: OpenBytes = async (path) => {
  if (path === "-") return { sizeBytes: undefined, pieces: process.stdin };
  const info = await stat(path);
  if (info.isDirectory()) throw new Error("it is a directory");
  return {
    sizeBytes: info.isFile() ? info.size : undefined,
    pieces: createReadStream(path, { highWaterMark: PIECE_BYTES }),
  };
};
