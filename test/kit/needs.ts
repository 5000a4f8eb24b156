/**
 * Whether a program that a test needs is here. Where it is not, the test is skipped and this says so by
 * name; in CI a skip is a failure.
 */
export function needs(program: string): boolean {
  if (Bun.which(program) !== null) return true;
  if (process.env["CI"] === "true") throw new Error(`CI has to install "${program}"`);
  console.warn(`skipped: "${program}" is not installed`);
  return false;
}
