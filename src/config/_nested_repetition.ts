/**
 * Whether a regular expression repeats without end what itself repeats without end, as `(a+)*` does: a text that
 * nearly matches then takes a time that doubles with each of its characters, and the text is written by the server
 * that is watched. The source is known to compile. Not found is what has a bound, as `(a{1,5})+`, and what overlaps
 * without nesting, as `(a|a)*`. They are as slow until the engine gives up (Bun 1.4.5: 1 to 3.5 s), but configs that
 * were accepted have them, and are read by this rule again.
 */

/** A repetition without an end. */
const ENDLESS = /^(?:[*+]|\{\d+,\})/;

export function hasNestedRepetition(source: string): boolean {
  /** For each open group, and for the whole: does it hold an endless repetition? */
  const repeats = [false];
  for (let index = 0; index < source.length; index++) {
    const character = source[index];
    if (character === "\\") index++;
    else if (character === "[") index = endOfClass(source, index);
    else if (character === "(") repeats.push(false);
    else if (character === ")") {
      const inner = repeats.pop() ?? false;
      const isRepeated = ENDLESS.test(source.slice(index + 1));
      if (inner && isRepeated) return true;
      repeats[repeats.length - 1] ||= inner;
    } else if (ENDLESS.test(source.slice(index))) repeats[repeats.length - 1] = true;
  }
  return false;
}

function endOfClass(source: string, start: number): number {
  for (let index = start + 1; index < source.length; index++) {
    if (source[index] === "\\") index++;
    else if (source[index] === "]") return index;
  }
  return source.length;
}
