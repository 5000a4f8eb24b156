/**
 * Which HTTP statuses count as alive. In come the `expect.status` entries of a target, single
 * statuses and ranges; out goes one predicate.
 */

/** Two statuses with a hyphen between them, or one. */
const RANGE = /^([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?$/;

/** Nearly all targets expect the same, and a monitor holds ten thousand of them: they share. */
const MAX_SHARED_PREDICATES = 100;
const predicates = new Map<string, (status: number) => boolean>();

/**
 * A predicate from entries such as `200`, `"204"` and `"200-299"` (both ends count). No entry at all
 * is a `RangeError`, for nothing would ever be alive; so is an entry of any other form, or a range
 * that runs backwards.
 */
export function parseStatusRanges(
  entries: readonly (number | string)[],
): (status: number) => boolean {
  if (entries.length === 0) {
    throw new RangeError('Cannot parse status ranges: "status" must have an entry, received none');
  }
  const key = entries.join(" ");
  const known = predicates.get(key);
  if (known !== undefined) return known;
  const ranges = entries.map((entry) => parseRange(entry));
  const matches = (status: number): boolean =>
    ranges.some(([low, high]) => status >= low && status <= high);
  if (predicates.size < MAX_SHARED_PREDICATES) predicates.set(key, matches);
  return matches;
}

function parseRange(entry: number | string): [number, number] {
  const match = RANGE.exec(String(entry).trim());
  const low = Number(match?.[1]);
  const high = Number(match?.[2] ?? match?.[1]);
  if (!(low <= high)) {
    throw new RangeError(
      `Cannot parse status ranges: an entry must be like 200 or "200-299", received ${JSON.stringify(entry)}`,
    );
  }
  return [low, high];
}
