/** `GET /observers` and `GET /observers/matrix`: who watches beside this monitor, and what each of them says. */
import type { MonitorReading } from "../monitor/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import type { Timers } from "../port.ts";
import { jsonAnswer, JSON_HEADERS } from "./answer.ts";
import { chunkedResponse, chunkLines } from "./chunked.ts";
import { listObserversOperation, observerMatrixOperation } from "./observer_operations.ts";
import { matrixLines, viewObservers } from "./observer_views.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";

export interface ObserverRouteDeps {
  readonly monitor: MonitorReading;
  readonly observers?: ObserversReading;
  readonly timers: Timers;
}

/** Without observers the routes are there too, and say that there are none. */
export function observerRoutes({ monitor, observers, timers }: ObserverRouteDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/observers",
      operation: listObserversOperation,
      handle: () =>
        observers === undefined ? noObservers() : jsonAnswer(viewObservers(observers)),
    },
    {
      method: "GET",
      path: "/observers/matrix",
      operation: observerMatrixOperation,
      handle() {
        if (observers === undefined) return noObservers();
        const ids = observers.observers().map(({ id }) => id);
        const lines = matrixLines(ids, monitor.watches(), observers);
        const prefix = `{"observers":${JSON.stringify(ids)},"targets":{\n`;
        return chunkedResponse(chunkLines(prefix, lines, ",\n", "\n}}\n"), timers, JSON_HEADERS);
      },
    },
  ];
}

function noObservers(): Response {
  return problem("no_cluster", "This receiver is by itself and compares with nobody.");
}
