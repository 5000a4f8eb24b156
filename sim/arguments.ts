/** What the programs in here are told on their command line: numbers read, and refused in the same words everywhere. */

/** Undefined where nothing is given. Throws an error whose message says what it must be. */
export function wholeNumber(
  name: string,
  text: string | undefined,
  least: number,
): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= least && text.trim() !== "") return number;
  throw new Error(`--${name} must be a whole number >= ${least}, received "${text}"`);
}

/** A first seed. It leaves room above for the seeds of a batch, and is short enough to be read out. */
export function freshBase(): number {
  return crypto.getRandomValues(new Uint32Array(1))[0]! * 100_000;
}
