/**
 * The per-target part of the exposition: watches in, pieces of text out. Both formats want all
 * samples of a family together, so the outer loop is over series and the inner one over targets, and what
 * is written about is fixed at the start: a target that comes or goes while the pieces are made is in all
 * families or in none. Ten thousand targets are tens of milliseconds of work, and the event loop that would
 * have to wait is the one that stamps heartbeats; so it gets a turn between any two pieces.
 */
import type { WatchReading } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import { targetRow, type ScrapeTime, type TargetRow, type TargetSeries } from "./_target_lines.ts";
import { formatHeader, type MetricsFormat } from "./text.ts";

/**
 * A piece ends at the first target that takes it to this length. Measured: a third of a
 * millisecond to write, and twice that to compress where that is asked for. Longer pieces would hold the loop
 * for longer, and shorter ones hand it over more often than it has anything to do.
 */
const PIECE_CHARACTERS = 65_536;

/** Rows are made so many between two turns of the loop: about as much work as a piece. */
const ROWS_A_TURN = 4_096;

/** Walks over targets that write nothing (pushed ones have no probes) count as work too. */
const SILENT_ROWS_A_TURN = 16_384;

export interface RenderTargetsOptions {
  readonly series: readonly TargetSeries[];
  readonly format: MetricsFormat;
  readonly time: ScrapeTime;
  readonly timers: Timers;
}

/** A family without samples is left out altogether. */
export async function* renderTargets(
  watches: readonly WatchReading[],
  { series, format, time, timers }: RenderTargetsOptions,
): AsyncGenerator<string, void, void> {
  const rows = await makeRows(watches, timers);
  let piece = "";
  for (const family of series) {
    let header = formatHeader(family, format);
    for (let index = 0; index < rows.length; index++) {
      const lines = family.lines(rows[index]!, time);
      if (lines !== "") {
        piece += header + lines;
        header = "";
      }
      if (piece.length >= PIECE_CHARACTERS) {
        yield piece;
        piece = "";
        await timers.yieldToLoop();
      } else if (index % SILENT_ROWS_A_TURN === SILENT_ROWS_A_TURN - 1) {
        await timers.yieldToLoop();
      }
    }
  }
  if (piece !== "") yield piece;
}

async function makeRows(watches: readonly WatchReading[], timers: Timers): Promise<TargetRow[]> {
  const rows: TargetRow[] = [];
  for (const watch of watches) {
    rows.push(targetRow(watch));
    if (rows.length % ROWS_A_TURN === 0) await timers.yieldToLoop();
  }
  return rows;
}
