/** `GET /badge/NAME.svg`: a target's verdict as a picture that other pages may show. */
import type { MonitorReading } from "../monitor/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import { renderBadge } from "../ui/mod.ts";
import { unknownTarget } from "./answer.ts";
import { badgeOperation } from "./badge_operation.ts";
import type { Route } from "./route.ts";

const SUFFIX = ".svg";

export interface BadgeRouteDeps {
  readonly monitor: MonitorReading;
  readonly observers?: ObserversReading;
}

export function badgeRoutes({ monitor, observers }: BadgeRouteDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/badge/:file",
      operation: badgeOperation,
      // Those who show it add some to get around caches.
      takesAnyQuery: true,
      handle(_request, { file }) {
        // Names have dots of their own, so only the last four characters are the suffix.
        if (typeof file !== "string" || !file.endsWith(SUFFIX)) return unknownTarget(file ?? null);
        const name = file.slice(0, -SUFFIX.length);
        const watch = monitor.watch(name);
        // A picture for this too: where it is shown nobody reads a problem document.
        const verdict = observers?.combinedVerdict(name) ?? watch?.verdict ?? null;
        return new Response(renderBadge(name, watch === undefined ? null : verdict), {
          status: watch === undefined ? 404 : 200,
          headers: {
            "content-type": "image/svg+xml; charset=utf-8",
            "content-security-policy": "default-src 'none'",
            // It is for the pages of others; all they can see of it is that there is one.
            "cross-origin-resource-policy": "cross-origin",
          },
        });
      },
    },
  ];
}
