/**
 * A strict reader of OpenMetrics 1.0: an exposition in, its families out, or an error that names the line and
 * the rule it breaks. It is written from the specification alone and shares nothing with the writer. Rules for what
 * the project does not write (timestamps, exemplars, summaries) are left out: such lines are errors.
 */

export interface ReadSample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

export interface ReadFamily {
  readonly name: string;
  readonly type: string;
  readonly unit: string | undefined;
  readonly help: string | undefined;
  readonly samples: readonly ReadSample[];
}

interface OpenFamily {
  readonly name: string;
  type?: string;
  unit?: string;
  help?: string;
  readonly samples: ReadSample[];
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ["_total", "_created"],
  gauge: [""],
  histogram: ["_bucket", "_count", "_sum", "_created"],
  info: ["_info"],
};

export function readOpenMetrics(text: string): readonly ReadFamily[] {
  const lines = text.split("\n");
  if (lines.pop() !== "") throw new Error("the last line does not end");
  if (lines.pop() !== "# EOF") throw new Error("the last line is not # EOF");
  const families = new Map<string, OpenFamily>();
  let current: OpenFamily | undefined;
  for (const [index, line] of lines.entries()) {
    const fail = (why: string): never => {
      throw new Error(`line ${index + 1}: ${why}: ${line}`);
    };
    if (line.startsWith("#")) {
      const [, keyword, name, rest] =
        /^# (TYPE|UNIT|HELP) ([a-zA-Z_:][\w:]*) (.*)$/.exec(line) ??
        fail("not a comment of the format");
      if (current?.name !== name) {
        if (families.has(name!)) fail("a family in two places");
        current = { name: name!, samples: [] };
        families.set(name!, current);
      }
      if (current!.samples.length > 0) fail("a comment below its samples");
      const key = keyword!.toLowerCase() as "type" | "unit" | "help";
      if (current![key] !== undefined) fail("said twice");
      current![key] = key === "help" ? unescape(rest!, fail) : rest!;
    } else {
      if (current === undefined) return fail("a sample above its family");
      current.samples.push(readSample(line, fail));
    }
  }
  const closed = [...families.values()].map(closeFamily);
  checkNames(closed);
  return closed;
}

type Fail = (why: string) => never;

/** Also reads a sample of text 0.0.4, as far as the two formats share it. */
export function readSample(line: string, fail: Fail): ReadSample {
  const [, name, braces, value] =
    /^([a-zA-Z_:][\w:]*)(\{(?:[^"]|"(?:[^"\\]|\\.)*")*\})? (\S+)$/.exec(line) ??
    fail("not a sample");
  const labels = new Map<string, string>();
  let rest = braces?.slice(1, -1) ?? "";
  while (rest !== "") {
    const [all, label, text, comma] =
      /^([a-zA-Z_]\w*)="((?:[^"\\\n]|\\.)*)"(,|$)/.exec(rest) ?? fail("labels");
    if (labels.has(label!)) fail(`label ${label} twice`);
    labels.set(label!, unescape(text!, fail));
    rest = rest.slice(all.length);
    if (comma === "," && rest === "") fail("labels end with a comma");
  }
  if (!/^(?:NaN|[+-]Inf|[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)$/.test(value!)) fail("value");
  return { name: name!, labels, value: Number(value!.replace("Inf", "Infinity")) };
}

function unescape(text: string, fail: Fail): string {
  return text.replaceAll(/\\(.?)|"/gs, (escape, character: string | undefined) => {
    if (character === "n") return "\n";
    if (character === "\\" || character === '"') return character;
    return fail(`${escape} is not an escape`);
  });
}

function closeFamily({ name, type, unit, help, samples }: OpenFamily): ReadFamily {
  const fail: Fail = (why) => {
    throw new Error(`family ${name}: ${why}`);
  };
  const suffixes = SUFFIXES[type ?? ""] ?? fail(`type ${type}`);
  if (unit !== undefined && !name.endsWith(`_${unit}`)) fail(`unit ${unit} is not in the name`);
  const seen = new Set<string>();
  for (const sample of samples) {
    const suffix = sample.name.startsWith(name) ? sample.name.slice(name.length) : "?";
    if (!suffixes.includes(suffix)) fail(`a sample called ${sample.name}`);
    const key = `${sample.name} ${labelKey(sample, "")}`;
    if (seen.has(key)) fail(`twice: ${key}`);
    seen.add(key);
    if (type === "counter" && !(sample.value >= 0)) fail(`a count of ${sample.value}`);
    if (type === "info" && sample.value !== 1) fail(`an info of ${sample.value}`);
  }
  if (type === "histogram") checkHistograms(name, samples, fail);
  return { name, type: type!, unit, help, samples };
}

/** Buckets in order, cumulative, with +Inf; one target's lines together. */
function checkHistograms(name: string, samples: readonly ReadSample[], fail: Fail): void {
  const groups = Map.groupBy(samples, (sample) => labelKey(sample, "le"));
  const inOrder = [...groups.values()].flat();
  if (inOrder.some((sample, index) => sample !== samples[index])) fail("histograms are mixed");
  for (const [key, group] of groups) {
    const buckets = group.filter((sample) => sample.name === `${name}_bucket`);
    const count = group.find((sample) => sample.name === `${name}_count`)?.value;
    const sum = group.find((sample) => sample.name === `${name}_sum`)?.value;
    if (count === undefined || sum === undefined || !(sum >= 0)) fail(`${key}: count and sum`);
    let lastBound = -Infinity;
    let lastCount = 0;
    for (const { labels, value } of buckets) {
      const le = labels.get("le") ?? fail(`${key}: a bucket without le`);
      if (!/^(?:\+Inf|\d+\.\d+|\d\S*e\S+)$/.test(le)) fail(`${key}: le ${le} is not canonical`);
      const bound = Number(le.replace("Inf", "Infinity"));
      if (bound <= lastBound || value < lastCount) fail(`${key}: buckets out of order at ${le}`);
      lastBound = bound;
      lastCount = value;
    }
    if (lastBound !== Infinity || lastCount !== count) fail(`${key}: the last bucket is not all`);
  }
}

/** No name that a family's samples may have is another's. */
function checkNames(families: readonly ReadFamily[]): void {
  const owners = new Map<string, string>();
  for (const { name, type } of families) {
    for (const suffix of SUFFIXES[type]!) {
      const owner = owners.get(name + suffix);
      if (owner !== undefined) throw new Error(`${name}${suffix} is of ${owner} and of ${name}`);
      owners.set(name + suffix, name);
    }
  }
}

function labelKey({ labels }: ReadSample, without: string): string {
  const pairs = [...labels].filter(([label]) => label !== without);
  return JSON.stringify(pairs.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
