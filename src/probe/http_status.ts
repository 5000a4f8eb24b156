/**
 * Which HTTP statuses count as alive. In come the `expect.status` entries of a target, single
 * statuses and ranges; out goes one predicate. It is asked once for each answer, so the ranges are
 * kept as flat pairs of numbers.
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
  const bounds = entries.flatMap((entry) => parseRange(entry));
  if (bounds.length === 2) {
    const [low, high] = bounds as [number, number];
    return (status) => status >= low && status <= high;
  }
  return (status) => {
    for (let index = 0; index < bounds.length; index += 2) {
      if (status >= bounds[index]! && status <= bounds[index + 1]!) return true;
    }
    return false;
  };
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
