/** `GET /events`: every verdict at first, then each change of one, as server-sent events. */
import type { EventHub } from "./event_hub.ts";
import { eventsOperation } from "./watch_operations.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";

const HEADERS = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // nginx would else keep events back until its buffer is full.
  "x-accel-buffering": "no",
} as const;

export function eventRoutes(hub: EventHub): Route[] {
  return [
    {
      method: "GET",
      path: "/events",
      operation: eventsOperation,
      handle(request) {
        if (hub.isFull) {
          const detail = "Try again later, or read GET /targets.";
          return problem("too_many_clients", detail, { headers: { "retry-after": "10" } });
        }
        return new Response(hub.listen(lastEventId(request)), { headers: HEADERS });
      },
    },
  ];
}

/** Null for a listener that comes for the first time, and for what was never a number of ours. */
function lastEventId(request: Request): number | null {
  const header = request.headers.get("last-event-id");
  if (header === null || !/^\d{1,16}$/.test(header)) return null;
  return Number(header);
}
