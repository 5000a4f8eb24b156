/** What the numbers that a caller states must be, and the error where one is not: with others a search may never end. */
const RULES = {
  "> 0": (value: number) => value > 0,
  ">= 0": (value: number) => value >= 0,
  "> 0 and finite": (value: number) => value > 0 && value < Infinity,
  "> 0 and <= 1": (value: number) => value > 0 && value <= 1,
} as const;

/**
 * @param doing What cannot be done, as in "create BudgetKeeper".
 * @throws {RangeError} If one of the numbers does not keep to the rule. Null is one that was not stated.
 */
export function requireNumbers(
  doing: string,
  rule: keyof typeof RULES,
  numbers: Readonly<Record<string, number | null>>,
): void {
  for (const [name, value] of Object.entries(numbers)) {
    if (value === null || RULES[rule](value)) continue;
    throw new RangeError(`Cannot ${doing}: "${name}" must be ${rule}, received ${value}`);
  }
}
