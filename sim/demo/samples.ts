/** Reads Prometheus' text format (0.0.4), as far as looking at it needs: one `Sample` a line. */

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  /** As it is written. */
  readonly value: string;
  /** The whole line. */
  readonly line: string;
}

const SAMPLE = /^(?<name>[A-Za-z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)(?: -?\d+)?$/u;
const LABEL = /(?<label>[A-Za-z_]\w*)="(?<value>(?:[^"\\]|\\.)*)"/gu;
const ESCAPES: Readonly<Record<string, string>> = { "\\n": "\n", "\\\\": "\\", '\\"': '"' };

/** Comments, and lines that are not of the format, are left out. */
export function parseSamples(text: string): Sample[] {
  const samples: Sample[] = [];
  for (const line of text.split("\n")) {
    const groups = SAMPLE.exec(line)?.groups;
    if (groups === undefined) continue;
    const labels = new Map<string, string>();
    for (const match of (groups["labels"] ?? "").matchAll(LABEL)) {
      const raw = match.groups!["value"]!;
      labels.set(
        match.groups!["label"]!,
        raw.replaceAll(/\\./gu, (pair) => ESCAPES[pair] ?? pair),
      );
    }
    samples.push({ name: groups["name"]!, labels, value: groups["value"]!, line });
  }
  return samples;
}
