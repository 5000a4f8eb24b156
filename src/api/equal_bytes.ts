/** Whether two texts of bytes are the same, for those that are derived from secrets. */

/**
 * Takes as long for a near miss as for a wild guess: every byte of `left` is looked at, and the one beside it,
 * whatever came before, and nothing is decided until the end.
 */
export function equalBytes(left: ArrayLike<number>, right: ArrayLike<number>): boolean {
  let difference = left.length ^ right.length;
  for (let place = 0; place < left.length; place++) {
    difference |= left[place]! ^ (right[place] ?? 0);
  }
  return difference === 0;
}
