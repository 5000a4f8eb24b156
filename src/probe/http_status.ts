/**
 * Which HTTP statuses count as alive. In come the `expect.status` entries of a target, single
 * statuses and ranges; out goes one predicate.
 */

/** Two statuses with a hyphen between them, or one. */
const RANGE = /^([1-9][0-9]{2})(?:-([1-9][0-9]{2}))?$/;

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
  const ranges = entries.map((entry) => parseRange(entry));
  return (status) => ranges.some(([low, high]) => status >= low && status <= high);
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
