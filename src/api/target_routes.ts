/** `GET /targets` and `GET /targets/:name`: what this monitor sees now, and what all of them hold of it. Nothing is stored between two looks. */
import { type MonitorReading, type WatchReading, VERDICTS, type Verdict } from "../monitor/mod.ts";
import type { Timers } from "../port.ts";
import { jsonAnswer, JSON_HEADERS, unknownTarget } from "./answer.ts";
import { chunkedResponse, chunkLines } from "./chunked.ts";
import { getTargetOperation, listTargetsOperation } from "./watch_operations.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";
import { viewTarget, viewTargetDetail, type TargetSources } from "./views.ts";

export interface TargetRouteDeps extends TargetSources {
  readonly timers: Timers;
}

export function targetRoutes({ timers, ...sources }: TargetRouteDeps): Route[] {
  const { monitor } = sources;
  return [
    {
      method: "GET",
      path: "/targets",
      operation: listTargetsOperation,
      handle(request) {
        const { searchParams } = new URL(request.url);
        const asked = searchParams.getAll("verdict").flatMap((value) => value.split(","));
        const wrong = asked.find((value) => !isVerdict(value));
        if (wrong !== undefined) {
          const detail = `"verdict" must be of ${VERDICTS.join(", ")}, received ${JSON.stringify(wrong)}.`;
          return problem("invalid_query", detail);
        }
        const verdicts = new Set(asked);
        const watches = select(monitor, searchParams.getAll("name"));
        return chunkedResponse(
          chunkLines("[\n", viewLines(watches, verdicts, sources), ",\n", "\n]\n"),
          timers,
          JSON_HEADERS,
        );
      },
    },
    {
      method: "GET",
      path: "/targets/:name",
      operation: getTargetOperation,
      handle(_request, { name }) {
        const watch = typeof name === "string" ? monitor.watch(name) : undefined;
        return watch === undefined
          ? unknownTarget(name ?? null)
          : jsonAnswer(viewTargetDetail(watch, sources));
      },
    },
  ];
}

/** All, or those of these names that there are. */
function select(monitor: MonitorReading, names: readonly string[]): Iterable<WatchReading> {
  if (names.length === 0) return monitor.watches();
  return [...new Set(names)].flatMap((name) => monitor.watch(name) ?? []);
}

function* viewLines(
  watches: Iterable<WatchReading>,
  verdicts: ReadonlySet<string>,
  sources: TargetSources,
): Generator<string> {
  for (const watch of watches) {
    if (verdicts.size > 0 && !verdicts.has(watch.verdict)) continue;
    yield JSON.stringify(viewTarget(watch, sources));
  }
}

function isVerdict(text: string): text is Verdict {
  return VERDICTS.some((verdict) => verdict === text);
}
