/** What each option of a detector or a model must be, in one table, and the error where one is not. */
import { LONGEST_GAP_MS } from "./_window.ts";

interface Rule {
  readonly isMet: (value: number) => boolean;
  readonly words: string;
}

const POSITIVE: Rule = { isMet: (value) => value > 0, words: "> 0" };
const NOT_NEGATIVE: Rule = { isMet: (value) => value >= 0, words: ">= 0" };
const FINITE: Rule = { isMet: (value) => value < Infinity, words: "finite" };
const COUNT: Rule = {
  isMet: (value) => Number.isSafeInteger(value) && value >= 1,
  words: "an integer >= 1",
};
const NO_LONGER: Rule = {
  isMet: (value) => value <= LONGEST_GAP_MS,
  words: `<= ${LONGEST_GAP_MS}`,
};

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  threshold: [POSITIVE, FINITE],
  maxSampleSize: [COUNT],
  minStdDeviationMs: [POSITIVE, NO_LONGER],
  acceptableHeartbeatPauseMs: [NOT_NEGATIVE, NO_LONGER],
  firstHeartbeatEstimateMs: [POSITIVE, NO_LONGER],
  timeoutMs: [POSITIVE, NO_LONGER],
  intervalMs: [POSITIVE, NO_LONGER],
  windowArrivals: [COUNT],
};

/**
 * @param doing What cannot be done, as in "create PhiAccrualDetector".
 * @throws {RangeError} If one of the options `names` is out of its range.
 */
export function requireOptions<Name extends string>(
  doing: string,
  options: Readonly<Record<Name, number>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    const broken = RULES[name]!.find(({ isMet }) => !isMet(options[name]));
    if (broken === undefined) continue;
    throw new RangeError(
      `Cannot ${doing}: "${name}" must be ${broken.words}, received ${options[name]}`,
    );
  }
}
