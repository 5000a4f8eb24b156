/**
 * What a PromQL expression asks for: which series, by which labels. It reads as much of the language as that
 * takes; whether the whole is PromQL at all is promtool's to say. In what is made for Grafana `$variables` may
 * stand in strings and ranges, and `label_values(SERIES, LABEL)` is a query too.
 */

export interface Asked {
  /** Names of series, as they stand there. */
  readonly series: ReadonlySet<string>;
  /** Labels that matchers, groupings and joins name. */
  readonly labels: ReadonlySet<string>;
}

const TOKEN =
  /(?<space>\s+|#.*)|(?<text>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|`[^`]*`)|(?<range>\[[^\]]*\])|(?<name>[A-Za-z_:][\w:]*)|(?<number>[\d.]+\w*)|(?<sign>=~|!~|!=|==|<=|>=|\$\w+|[-+*/%^<>=(){},@])/gu;

const LABELS_FOLLOW = new Set(["by", "without", "on", "ignoring", "group_left", "group_right"]);
const OPERATORS = new Set(["and", "or", "unless", "atan2", "bool", "offset", "Inf", "NaN"]);

const LABEL_VALUES = /^label_values\((?:(?<of>.*),)?\s*(?<label>\w+)\)$/u;

interface Token {
  readonly kind: "text" | "range" | "name" | "number" | "sign";
  readonly text: string;
}

/** Throws on what cannot be PromQL. */
export function readPromql(expression: string): Asked {
  const values = LABEL_VALUES.exec(expression)?.groups;
  if (values === undefined) return readSelectors(expression);
  const { series, labels } = readSelectors(values["of"] ?? "");
  return { series, labels: new Set([...labels, values["label"]!]) };
}

function readSelectors(expression: string): Asked {
  const tokens = tokensOf(expression);
  const [series, labels] = [new Set<string>(), new Set<string>()];
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at]!;
    if (token.text === "{") at = readList(tokens, at, "}", labels);
    if (token.kind !== "name" || OPERATORS.has(token.text)) continue;
    const next = tokens[at + 1]?.text;
    if (LABELS_FOLLOW.has(token.text)) {
      if (next === "(") at = readList(tokens, at + 1, ")", labels);
    } else if (next !== "(" && !LABELS_FOLLOW.has(next ?? "")) {
      series.add(token.text);
    }
  }
  return { series, labels };
}

function tokensOf(expression: string): readonly Token[] {
  const tokens: Token[] = [];
  let end = 0;
  for (const match of expression.matchAll(TOKEN)) {
    if (match.index !== end) break;
    end += match[0].length;
    const [kind] = Object.entries(match.groups!).find(([, text]) => text !== undefined)!;
    if (kind !== "space") tokens.push({ kind: kind as Token["kind"], text: match[0] });
  }
  if (end === expression.length) return tokens;
  throw new Error(`Not PromQL from "${expression.slice(end)}" on: ${expression}`);
}

/** From an opening bracket to its end, of which the index is returned. A matcher's name stands before its sign. */
function readList(
  tokens: readonly Token[],
  open: number,
  close: ")" | "}",
  labels: Set<string>,
): number {
  for (let at = open + 1; at < tokens.length; at++) {
    const { kind, text } = tokens[at]!;
    if (text === close) return at;
    if (kind === "name") labels.add(text);
  }
  throw new Error(`A bracket is not closed: ${tokens.map(({ text }) => text).join(" ")}`);
}
