/** Reads a trace from a file or from standard input, piece by piece: numbers, or the line that is wrong, come out. */
import type { ByteSource, OpenBytes } from "../../bun/mod.ts";
import { type Trace, TraceText } from "../../qos/mod.ts";
import { describe } from "../api_client.ts";
import type { ProgressBar } from "./progress_bar.ts";

export type RecordedTraceResult =
  | { readonly ok: true; readonly trace: Trace }
  | { readonly ok: false; readonly message: string };

export async function readRecordedTrace(
  path: string,
  openBytes: OpenBytes,
  bar: ProgressBar,
): Promise<RecordedTraceResult> {
  const name = path === "-" ? "standard input" : path;
  const text = new TraceText();
  try {
    const source = await openBytes(path);
    await readPieces(source, text, bar);
  } catch (error) {
    return { ok: false, message: `${name} cannot be read: ${describe(error)}` };
  }
  const result = text.end(path);
  if (result.ok) return result;
  const { line, detail } = result.error;
  return { ok: false, message: `${name}:${line}: ${detail}` };
}

async function readPieces(source: ByteSource, text: TraceText, bar: ProgressBar): Promise<void> {
  let readBytes = 0;
  for await (const piece of source.pieces) {
    if (!text.push(piece)) return;
    readBytes += piece.length;
    const { sizeBytes } = source;
    const share = sizeBytes === undefined ? undefined : readBytes / Math.max(1, sizeBytes);
    bar.show("reading", share, `, ${text.heartbeatCount} heartbeats`);
  }
}
