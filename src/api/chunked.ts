/**
 * Long answers without long holds of the event loop: pieces of text in, a `Response` out whose body is
 * made piece by piece, with a turn of the loop between two of them. A reader who goes away stops the
 * making; one who is slow is waited for.
 */
import type { Timers } from "../port.ts";

/** How many lines make a piece: a fraction of a millisecond's work. */
const LINES_A_CHUNK = 100;

/** `prefix`, the lines with `separator` between them, `suffix`; a piece is about a hundred lines. */
export function* chunkLines(
  prefix: string,
  lines: Iterable<string>,
  separator: string,
  suffix: string,
): Generator<string> {
  let chunk = prefix;
  let lineCount = 0;
  for (const line of lines) {
    // The piece is handed over before its next line is joined, so that one piece is one answer.
    if (lineCount > 0 && lineCount % LINES_A_CHUNK === 0) {
      yield chunk;
      chunk = "";
    }
    chunk += lineCount === 0 ? line : separator + line;
    lineCount++;
  }
  yield chunk + suffix;
}

export function chunkedResponse(
  chunks: Iterable<string>,
  timers: Timers,
  headers: Readonly<Record<string, string>>,
): Response {
  const iterator: Iterator<string, void> = chunks[Symbol.iterator]();
  const first = iterator.next();
  if (first.done === true) return new Response("", { headers });
  const second = iterator.next();
  // An answer of one piece is sent whole, with its length.
  if (second.done === true) return new Response(first.value, { headers });
  const ready = [first.value, second.value];
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      await timers.yieldToLoop();
      const chunk = ready.shift() ?? iterator.next().value;
      if (chunk === undefined) controller.close();
      else controller.enqueue(encoder.encode(chunk));
    },
    cancel() {
      iterator.return?.();
    },
  });
  return new Response(body, { headers });
}
