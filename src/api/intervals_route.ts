/** `GET /targets/:name/intervals`: the last intervals between a target's heartbeats, to be replayed. */
import type { MonitorReading } from "../monitor/mod.ts";
import { jsonAnswer, unknownTarget } from "./answer.ts";
import { viewIntervals } from "./quality_views.ts";
import type { Route } from "./route.ts";
import { targetIntervalsOperation } from "./watch_operations.ts";

export function intervalRoutes({ monitor }: { readonly monitor: MonitorReading }): Route[] {
  return [
    {
      method: "GET",
      path: "/targets/:name/intervals",
      operation: targetIntervalsOperation,
      handle(_request, { name }) {
        const watch = typeof name === "string" ? monitor.watch(name) : undefined;
        return watch === undefined ? unknownTarget(name ?? null) : jsonAnswer(viewIntervals(watch));
      },
    },
  ];
}
