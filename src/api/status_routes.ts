/** What machines ask of the monitor itself: `/healthz`, `/readyz` and `/metrics`. */
import { jsonAnswer } from "./answer.ts";
import { troublesOf } from "./cluster_trouble.ts";
import type { ClusterView } from "../cluster/mod.ts";
import type { ApiDeps } from "./deps.ts";
import { healthOperation, metricsOperation, readinessOperation } from "./status_operations.ts";
import { seconds } from "./rounding.ts";
import type { Route } from "./route.ts";

export function statusRoutes(deps: ApiDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/metrics",
      operation: metricsOperation,
      // The `params` of a Prometheus' scrape config.
      takesAnyQuery: true,
      handle: (request) => deps.exposition.respond(request),
    },
    {
      method: "GET",
      path: "/healthz",
      operation: healthOperation,
      // A load balancer that adds some must not take that for a failure.
      takesAnyQuery: true,
      handle: () =>
        new Response("alive\n", { headers: { "content-type": "text/plain; charset=utf-8" } }),
    },
    {
      method: "GET",
      path: "/readyz",
      operation: readinessOperation,
      takesAnyQuery: true,
      handle() {
        const { cluster, monitor, store, version, observer } = deps;
        const { revision } = store.readLocal();
        return jsonAnswer({
          status: "watching",
          watching: monitor.watchCount,
          revision,
          ...readCluster(cluster),
          pausedSeconds: seconds(monitor.pausedMs),
          version,
          observer,
        });
      },
    },
  ];
}

/** Whether the config can be written says nothing about watching, so none of it makes a monitor unready. */
function readCluster(cluster: ClusterView | undefined) {
  if (cluster === undefined) return {};
  const status = cluster.status();
  const troubles = troublesOf(status);
  const { quorum, standing, halted } = status;
  return { quorum, standing, halted, ...(troubles.length > 0 && { detail: troubles.join(" ") }) };
}
