/**
 * Where commands write: stdout is data, stderr is diagnostics. Exit codes: 0 done, 1 failed, 2 misused.
 */
import { writeSync } from "node:fs";

export const EXIT_DONE = 0;
export const EXIT_FAILED = 1;
export const EXIT_MISUSED = 2;

export type ExitCode = typeof EXIT_DONE | typeof EXIT_FAILED | typeof EXIT_MISUSED;

export interface Output {
  /** One line of data. */
  data(line: string): void;
  /** One line for whoever watches the terminal. */
  say(line: string): void;
}

/** A command's last words are waited for, a log that nobody takes is not: it would hold the end up for good. */
const LAST_WORDS_MS = 1_000;

/** A stream that is written to by the line. */
class Lines {
  readonly #stream: NodeJS.WriteStream;
  readonly #onLost: (error: Error) => void;
  /** Lines that have yet to be taken. Each is asked for itself: a later one may be said to be taken before. */
  readonly #waiting = new Set<Promise<void>>();

  constructor(stream: NodeJS.WriteStream, onLost: (error: Error) => void) {
    this.#stream = stream;
    this.#onLost = onLost;
    stream.on("error", onLost);
  }

  write(line: string): void {
    const written = new Promise<void>((resolve) => {
      this.#stream.write(`${line}\n`, (error) => {
        if (error) this.#onLost(error);
        resolve();
      });
    });
    this.#waiting.add(written);
    void written.then(() => this.#waiting.delete(written));
  }

  async taken(): Promise<void> {
    await Promise.all(this.#waiting);
  }
}

const stdout = new Lines(process.stdout, endCutShort);
// Unheard, it would be an uncaught exception: a log on a full disk, or whose reader has died, ends no watching. Bun lets
// a program live whose main module still waits, as phi's does; that is nothing to rely on.
const stderr = new Lines(process.stderr, () => {});

export const terminal: Output & { drained(): Promise<void> } = {
  data: (line) => stdout.write(line),
  say: (line) => stderr.write(line),
  /** Resolves once whoever reads this process has got all of it; of stderr, as far as it is taken soon. */
  drained: async () => {
    await stdout.taken();
    await Promise.race([stderr.taken(), Bun.sleep(LAST_WORDS_MS)]);
  },
};

/** Of what was to be on stdout something is missing. */
function endCutShort(error: Error): never {
  // Whoever read this has gone (`phi targets list | head -1`): there is nobody left to tell.
  if ("code" in error && error.code === "EPIPE") process.exit(EXIT_DONE);
  try {
    // At once: nothing that waits is written after the end.
    writeSync(process.stderr.fd, `phi: stdout: ${error.message}: what it has got is not all\n`);
  } finally {
    process.exit(EXIT_FAILED);
  }
}

/** Says what went wrong in one line, and is the exit code of a failure. */
export function fail(output: Output, message: string): ExitCode {
  output.say(`phi: ${message}`);
  return EXIT_FAILED;
}

/** Says what was asked wrongly, and is the exit code for it. */
export function misuse(output: Output, message: string): ExitCode {
  output.say(`phi: ${message}`);
  return EXIT_MISUSED;
}

/** What a server said, and an error quotes, or somebody wrote, does not move a terminal's cursor. */
export function printable(text: string): string {
  return text.replaceAll(/\p{Cc}+/gu, " ");
}

/** Rows as columns that line up; the last column is left as it is. */
export function formatTable(texts: readonly (readonly string[])[]): string[] {
  const rows = texts.map((row) => row.map(printable));
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    }
  }
  return rows.map((row) =>
    row
      .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column]!)))
      .join("  "),
  );
}
