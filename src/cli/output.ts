/**
 * Where commands write: stdout is data, stderr is diagnostics. Exit codes: 0 done, 1 failed, 2 misused.
 */

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

export const terminal: Output & { drained(): Promise<void> } = {
  data: (line) => process.stdout.write(`${line}\n`),
  say: (line) => process.stderr.write(`${line}\n`),
  /** Resolves once whoever reads this process has got all of it. */
  drained: async () => {
    await written(process.stdout);
    await written(process.stderr);
  },
};

// Whoever read this has gone (`phi targets list | head -1`): there is nobody left to tell.
process.stdout.on("error", () => process.exit(EXIT_DONE));

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write("", () => resolve());
  });
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
