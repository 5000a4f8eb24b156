/**
 * What could be wrong in a source file: its text in, single small changes of it out, each of which some test has to
 * notice. Conditions are flipped, bounds moved by one, statements left out. It goes by the text, line by line, as the
 * formatter lays it out, and leaves alone what is comment, type, text or assertion: an assertion that
 * never fails is not missed by any test of correct code.
 */

export interface Mutant {
  /** From 1 on. */
  readonly line: number;
  /** Where the change begins in the whole text, and what it takes the place of. */
  readonly place: number;
  readonly before: string;
  readonly after: string;
}

interface Rule {
  readonly pattern: RegExp;
  readonly after: (found: string) => string;
}

const becomes = (pattern: RegExp, after: string): Rule => ({ pattern, after: () => after });

const SWAPS: readonly Rule[] = [
  becomes(/ === /gu, " !== "),
  becomes(/ !== /gu, " === "),
  becomes(/ < /gu, " <= "),
  becomes(/ <= /gu, " < "),
  becomes(/ > /gu, " >= "),
  becomes(/ >= /gu, " > "),
  becomes(/ && /gu, " || "),
  becomes(/ \|\| /gu, " && "),
  becomes(/ \+ 1\b/gu, ""),
  becomes(/ - 1\b/gu, ""),
  becomes(/\bMath\.min\(/gu, "Math.max("),
  becomes(/\bMath\.max\(/gu, "Math.min("),
  // Not in a type, as in `{ readonly ok: true }`.
  becomes(/(?<!\breadonly \w+: )\btrue\b/gu, "false"),
  becomes(/(?<!\breadonly \w+: )\bfalse\b/gu, "true"),
  // Not of `!==`, nor of `x!`.
  becomes(/(?<=[( ])!(?=[\w#(])/gu, ""),
  becomes(/ \? /gu, " === false ? "),
];

/** Whole lines that do something, each of which may be forgotten. */
const STATEMENTS: readonly RegExp[] = [
  /^ +(?:await )?[\w.#!?[\]]+\(.*\);$/u,
  /^ +[\w.#!?[\]]+ (?:=|\+=|-=|\|\|=|&&=|\?\?=) .+;$/u,
  /^ +[\w.#!?[\]]+(?:\+\+|--);$/u,
  /^ +if \(.+\) (?:return|continue|break|throw)\b.*;$/u,
  /^ +else .+;$/u,
];

export function mutantsOf(source: string): Mutant[] {
  const mutants: Mutant[] = [];
  let place = 0;
  let isInComment = false;
  for (const [index, text] of source.split("\n").entries()) {
    if (/^ *\/\*/u.test(text)) isInComment = true;
    if (!isInComment && isCode(text)) {
      for (const { from, before, after } of changesOf(text)) {
        mutants.push({ line: index + 1, place: place + from, before, after });
      }
    }
    if (text.includes("*/")) isInComment = false;
    place += text.length + 1;
  }
  return mutants;
}

/** The text with the change made. */
export function mutated(source: string, { place, before, after }: Mutant): string {
  if (source.slice(place, place + before.length) !== before) {
    throw new Error(`Cannot mutate: ${JSON.stringify(before)} is not at ${place}`);
  }
  return source.slice(0, place) + after + source.slice(place + before.length);
}

/** Neither comment nor type nor assertion, nor the head of a declaration. */
function isCode(text: string): boolean {
  return !/^ *(?:\/\/|import\b|export (?:type|interface)\b|export \{|type\b|interface\b|readonly\b|assert\()/u.test(
    text,
  );
}

interface Change {
  readonly from: number;
  readonly before: string;
  readonly after: string;
}

function changesOf(text: string): Change[] {
  const comment = text.search(/(?<!:)\/\/ /u);
  const code = withoutTexts(comment === -1 ? text : text.slice(0, comment));
  const swaps = SWAPS.flatMap(({ pattern, after }) =>
    Array.from(code.matchAll(pattern), ({ 0: before, index }) => {
      return { from: index, before, after: after(before) };
    }),
  );
  const isStatement = STATEMENTS.some((pattern) => pattern.test(code));
  const indent = code.length - code.trimStart().length;
  const drop = { from: indent, before: text.slice(indent), after: "" };
  return [...swaps, ...negationOf(text, code), ...(isStatement ? [drop] : [])];
}

/** A condition without an operator that could be changed, as in `if (isReady)`: the whole of it is negated. */
function negationOf(text: string, code: string): Change[] {
  const head = /^ *(?:\} )?(?:else )?(?:if|while) \(/u.exec(code);
  if (head === null) return [];
  const from = head[0].length;
  const end = endOfBracket(code, from);
  const condition = code.slice(from, end);
  if (end === -1 || SWAPS.some(({ pattern }) => condition.search(pattern) !== -1)) return [];
  const before = text.slice(from, end);
  return [{ from, before, after: `!(${before})` }];
}

/** Where the bracket closes that was opened just before; -1 if not in this line. */
function endOfBracket(code: string, from: number): number {
  let depth = 1;
  for (let at = from; at < code.length; at++) {
    if (code[at] === "(") depth++;
    if (code[at] === ")" && --depth === 0) return at;
  }
  return -1;
}

/** Of the same length, with nothing left in quotes that could be taken for code. */
function withoutTexts(code: string): string {
  return code.replaceAll(
    /"(?:[^"\\]|\\.)*"|`(?:[^`\\]|\\.)*`/gu,
    (text) => `"${"_".repeat(text.length - 2)}"`,
  );
}
