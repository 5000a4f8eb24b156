/** One line of the bench's table: what was measured beside what, and what is to be reached. */

export interface BenchRow {
  readonly what: string;
  readonly measured: string;
  readonly toReach: string;
  /** Undefined where there is nothing to reach: a figure for comparison. */
  readonly isReached?: boolean;
}

export function formatRows(rows: readonly BenchRow[]): string {
  const cells = rows.map((row) => [row.what, row.measured, row.toReach, mark(row)]);
  const table = [["what", "measured", "to reach", ""], ...cells];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...table.map((line) => line[column]!.length)),
  );
  return table
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function mark(row: BenchRow): string {
  if (row.isReached === undefined) return "";
  return row.isReached ? "reached" : "NOT REACHED";
}

/** The `share`-quantile of ascending values. */
export function quantile(ascending: readonly number[] | Float64Array, share: number): number {
  if (ascending.length === 0) return Number.NaN;
  return ascending[Math.min(Math.floor(share * ascending.length), ascending.length - 1)]!;
}
