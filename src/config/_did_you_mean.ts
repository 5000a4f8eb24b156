/** A mistyped key in, the known key that was probably meant out. */

const MAX_EDITS = 2;
const MAX_KEY_LENGTH = 64;

/** The known key nearest to `key`, if one is near. */
export function didYouMean(key: string, known: readonly string[]): string | undefined {
  if (key.length > MAX_KEY_LENGTH) return undefined;
  const folded = fold(key);
  let best: string | undefined;
  let bestEdits = MAX_EDITS + 1;
  for (const candidate of known) {
    const edits = editDistance(folded, fold(candidate));
    // In a short word two edits make any word out of any other.
    if (edits < bestEdits && edits <= candidate.length / 3) {
      best = candidate;
      bestEdits = edits;
    }
  }
  return best ?? startOf(folded, known);
}

/** `interval` for `intervalMillis`, `interval_ms` for the same. */
function startOf(folded: string, known: readonly string[]): string | undefined {
  const stem = folded.replace(/(millis|milliseconds|ms|seconds|s)$/, "");
  if (stem.length < 4) return undefined;
  return known.find((candidate) => fold(candidate).startsWith(stem));
}

function fold(key: string): string {
  return key.toLowerCase().replaceAll(/[-_ ]/g, "");
}

/** Characters to put in, take out, replace or swap with their neighbour to make `b` of `a`. */
function editDistance(a: string, b: string): number {
  let previous: number[] = [];
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      let edits = Math.min(replaced, row[j]! + 1, next[j - 1]! + 1);
      const isSwap = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      if (isSwap) edits = Math.min(edits, previous[j - 2]! + 1);
      next.push(edits);
    }
    previous = row;
    row = next;
  }
  return row[b.length]!;
}
