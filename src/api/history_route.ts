/**
 * `GET /targets/:name/history`: which verdicts a target had and why, and how suspicious it was, page by page. It is
 * answered for a target that is not watched any more too, as long as something of it is kept.
 */
import type { HistoryPage, HistoryReading, PhiSample, RecordedChange } from "../history/mod.ts";
import type { MonitorReading } from "../monitor/mod.ts";
import type { Clock, Timers } from "../port.ts";
import { JSON_HEADERS, unknownTarget } from "./answer.ts";
import { chunkedResponse, chunkLines } from "./chunked.ts";
import { historyOperation } from "./history_operation.ts";
import { readHistoryQuery, type HistoryRange } from "./history_query.ts";
import type { HistoryChange, HistorySample } from "./history_schemas.ts";
import { problem } from "./problem.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import type { Route } from "./route.ts";

export interface HistoryRouteDeps {
  readonly history?: HistoryReading;
  readonly monitor: MonitorReading;
  readonly clock: Clock;
  readonly timers: Timers;
}

export function historyRoutes({ history, monitor, clock, timers }: HistoryRouteDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/targets/:name/history",
      operation: historyOperation,
      async handle(request, { name = null }) {
        const query = readHistoryQuery(request, clock.wallMs());
        if (!query.ok) return query.response;
        if (name === null) return unknownTarget(name);
        if (history === undefined) {
          const why =
            "This monitor keeps none: it was started with --history-days 0, --history-max-bytes 0 or --datadir :memory:.";
          return problem("no_history", why);
        }
        const result = await history.read({ target: name, ...query.range });
        if (!result.ok) {
          const headers = { "retry-after": "10" };
          return problem("history_unavailable", result.detail, { headers });
        }
        const { page } = result;
        if (!page.isKnown && monitor.watch(name) === undefined) {
          return unknownTarget(name);
        }
        return chunkedResponse(documentOf(name, query.range, page), timers, JSON_HEADERS);
      },
    },
  ];
}

/** In pieces, since a page may have ten thousand lines. */
function* documentOf(
  target: string,
  { fromWallMs, toWallMs }: HistoryRange,
  { changes, samples, nextFromWallMs }: HistoryPage,
): Generator<string> {
  const head = { target, from: formatRfc3339(fromWallMs), to: formatRfc3339(toWallMs) };
  const start = `${JSON.stringify(head).slice(0, -1)},\n"changes":[\n`;
  yield* chunkLines(start, linesOf(changes, viewChange), ",\n", "\n],\n");
  const next = nextFromWallMs === null ? null : formatRfc3339(nextFromWallMs);
  const end = `\n],\n"next":${JSON.stringify(next)}}\n`;
  yield* chunkLines('"phi":[\n', linesOf(samples, viewSample), ",\n", end);
}

function* linesOf<Value>(values: readonly Value[], view: (value: Value) => object) {
  for (const value of values) yield JSON.stringify(view(value));
}

function viewChange({ atWallMs, scope, from, to, phi, reason }: RecordedChange): HistoryChange {
  return { at: formatRfc3339(atWallMs), scope, from, to, phi, reason };
}

function viewSample({ atWallMs, phi, peakPhi }: PhiSample): HistorySample {
  return { at: formatRfc3339(atWallMs), phi, peakPhi };
}
