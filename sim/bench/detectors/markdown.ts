/** Rows as a Markdown table, the first of them its head, as `oxfmt` leaves it: for `docs/detectors.md`. */

export function markdownTable(rows: readonly (readonly string[])[]): string {
  const [head] = rows;
  if (head === undefined) return "";
  const widths = head.map((_, column) =>
    Math.max(3, ...rows.map((row) => Array.from(row[column] ?? "").length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${widths.map((width, column) => padded(cells[column] ?? "", width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [line(head), rule, ...rows.slice(1).map(line)].join("\n");
}

function padded(text: string, width: number): string {
  return text + " ".repeat(width - Array.from(text).length);
}

/** Three significant digits, without an exponent. */
export function figure(value: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size >= 100) return String(Math.round(value));
  return size >= 10 ? value.toFixed(1) : value.toFixed(2);
}
