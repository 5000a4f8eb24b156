/** Which tests a run of Bun skipped, and why, by what it printed. */

export interface Skips {
  readonly file: string;
  readonly testCount: number;
  /** What is not there, as the tests have said it. */
  readonly reasons: readonly string[];
}

/** One for each file that skipped anything. */
export function skipsOf(output: string): Skips[] {
  const found: Skips[] = [];
  // Once more at the end, all that was skipped is listed.
  const [run] = output.split(/^\d+ tests? skipped:$/mu, 1);
  for (const part of run!.split(/\n(?=\S+_test\.ts:\n)/u)) {
    const file = /^(\S+):\n/u.exec(part)?.[1] ?? "";
    const skipped = [...part.matchAll(/^\(skip\) .*?(?: \(([^()]+)\))?(?: > .*)?$/gmu)];
    if (skipped.length === 0) continue;
    const said = [...part.matchAll(/^skipped: (.*)$/gmu)];
    const reasons = new Set([...said, ...skipped].flatMap(([, reason]) => reason ?? []));
    found.push({ file, testCount: skipped.length, reasons: [...reasons] });
  }
  return found;
}

export function formatSkips(skips: readonly Skips[]): string {
  return skips
    .map(
      ({ file, testCount, reasons }) => `bare: ${file} skipped ${testCount}: ${reasons.join("; ")}`,
    )
    .join("\n");
}
