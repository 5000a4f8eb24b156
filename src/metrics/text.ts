/**
 * How a series is written: names, labels and numbers in, lines of text out, for both formats that
 * Prometheus reads. Text 0.0.4 and OpenMetrics 1.0 differ only in what stands above the samples and in
 * how help is escaped; the samples themselves are the same bytes, so that a series is the same
 * whichever format a scrape happened to negotiate.
 */

export type MetricsFormat = "text" | "openmetrics";

export type SeriesType = "counter" | "gauge" | "histogram" | "info";

/** What is known of a series before anything is measured. */
export interface Series {
  /** As its samples are called (`_total`, `_info` included); a histogram's add `_bucket`, `_sum`, `_count`. */
  readonly name: string;
  readonly type: SeriesType;
  readonly help: string;
  readonly unit?: "seconds" | "bytes";
  readonly labels: readonly string[];
}

export interface Sample {
  /** Where it is not the series' own name: a histogram's parts. */
  readonly name?: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
}

/** OpenMetrics names the family, of which `_total` and `_info` are samples; text 0.0.4 knows samples only. */
function familyName({ name, type }: Series, format: MetricsFormat): string {
  if (format === "text") return name;
  if (type === "counter") return name.replace(/_total$/, "");
  if (type === "info") return name.replace(/_info$/, "");
  return name;
}

/** The comment lines above a family's samples. */
export function formatHeader(series: Series, format: MetricsFormat): string {
  const name = familyName(series, format);
  if (format === "text") {
    const type = series.type === "info" ? "gauge" : series.type;
    return `# HELP ${name} ${escapeBackslashes(series.help)}\n# TYPE ${name} ${type}\n`;
  }
  // A unit has to be the end of the name, which it cannot be where a statistic's name ends it.
  const hasUnit = series.unit !== undefined && name.endsWith(`_${series.unit}`);
  const unit = hasUnit ? `# UNIT ${name} ${series.unit}\n` : "";
  return `# TYPE ${name} ${series.type}\n${unit}# HELP ${name} ${escapeLabelValue(series.help)}\n`;
}

/** A whole family; "" if it has no samples. */
export function formatFamily(
  series: Series,
  samples: readonly Sample[],
  format: MetricsFormat,
): string {
  if (samples.length === 0) return "";
  let text = formatHeader(series, format);
  for (const { name = series.name, labels, value } of samples) {
    text += `${name}${formatLabels(labels)} ${formatNumber(value)}\n`;
  }
  return text;
}

/** Of a series without labels. */
export function single(value: number): readonly Sample[] {
  return [{ labels: {}, value }];
}

export function formatFamilies(
  families: readonly (readonly [Series, readonly Sample[]])[],
  format: MetricsFormat,
): string {
  return families.map(([series, samples]) => formatFamily(series, samples, format)).join("");
}

function formatLabels(labels: Sample["labels"]): string {
  const pairs = Object.entries(labels).map(([name, value]) => {
    const text = typeof value === "number" ? formatBound(value) : value;
    return `${name}="${escapeLabelValue(text)}"`;
  });
  return pairs.length === 0 ? "" : `{${pairs.join(",")}}`;
}

/** A value as both formats read it. The shortest text that means this number, so nothing is lost. */
export function formatNumber(value: number): string {
  if (Number.isFinite(value)) return `${value}`;
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "+Inf" : "-Inf";
}

/**
 * A number that is a label's value (`le`): OpenMetrics wants it to look like a float. Text 0.0.4 takes
 * any form, but must get the same one, or a histogram would be two in a scraper's database.
 */
export function formatBound(value: number): string {
  const text = formatNumber(value);
  return /^-?\d+$/.test(text) ? `${text}.0` : text;
}

const NEEDS_ESCAPE = /[\\"\n]/;

/** For the inside of double quotes. */
export function escapeLabelValue(value: string): string {
  if (!NEEDS_ESCAPE.test(value)) return value;
  return escapeBackslashes(value).replaceAll('"', String.raw`\"`);
}

function escapeBackslashes(value: string): string {
  return value.replaceAll("\\", String.raw`\\`).replaceAll("\n", String.raw`\n`);
}
