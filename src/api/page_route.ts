/** `GET /`: the page, with a policy that lets it use its own style and nothing else in the world. */
import { chunkedResponse, chunkLines } from "./chunked.ts";
import type { ApiDeps } from "./deps.ts";
import { pageOperation } from "./status_operations.ts";
import { renderPage } from "./page.ts";
import { PAGE_STYLE } from "./page_style.ts";
import type { Route } from "./route.ts";

export function pageRoutes(deps: ApiDeps): Route[] {
  const { monitor, clock, timers, version, observer } = deps;
  let policy: Promise<string> | undefined;
  return [
    {
      method: "GET",
      path: "/",
      operation: pageOperation,
      async handle(request) {
        policy ??= contentPolicy(PAGE_STYLE);
        const refreshes = new URL(request.url).searchParams.get("refresh") !== "off";
        const cluster = deps.cluster?.status();
        const wallMs = clock.wallMs();
        const rows = renderPage({ monitor, cluster, wallMs, version, observer, refreshes });
        return chunkedResponse(chunkLines("", rows, "", ""), timers, {
          "content-type": "text/html; charset=utf-8",
          "content-security-policy": await policy,
        });
      },
    },
  ];
}

/** The style is allowed by its hash: whatever else might get into the page stays without effect. */
async function contentPolicy(style: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(style));
  const hash = btoa(String.fromCharCode(...new Uint8Array(digest)));
  return (
    `default-src 'none'; style-src 'sha256-${hash}'; img-src data:; ` +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
  );
}
