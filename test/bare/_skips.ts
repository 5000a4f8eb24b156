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
    const skipped = [...part.matchAll(/^\(skip\) .*$/gmu)].map(String);
    if (skipped.length === 0) continue;
    const said = [...part.matchAll(/^skipped: (.*)$/gmu)].flatMap(([, reason]) => reason ?? []);
    // Else in parentheses at the end of the name of the test, or of what it is a part of.
    const named = skipped.flatMap((name) => / \(([^()]+)\)(?: > |$)/u.exec(name)?.[1] ?? []);
    const reasons = new Set(said.length > 0 ? said : named);
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
