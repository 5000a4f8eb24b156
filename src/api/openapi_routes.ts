/**
 * `GET /openapi` for people and `GET /openapi/json` for programs. The viewer's files are served from
 * here, so that it works where there is no network.
 */
import { JSON_HEADERS } from "./answer.ts";
import type { OpenapiViewer } from "./deps.ts";
import type { OpenapiDocument } from "./openapi.ts";
import type { Route } from "./route.ts";

/** Swagger UI styles single elements, and has its icons as data; its scripts are files of ours. */
const VIEWER_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const HEAD = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>phi · API</title>
<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="icon" href="data:,">`;

const VIEWER_PAGE = `${HEAD}
<link rel="stylesheet" href="/openapi/viewer.css"></head><body><div id="viewer"></div>
<script src="/openapi/viewer.js"></script><script src="/openapi/start.js"></script></body></html>
`;

const PLAIN_PAGE = `${HEAD}</head><body><p>This build carries no viewer.
<a href="/openapi/json">The OpenAPI document</a> opens in any other.</p></body></html>
`;

const START_SCRIPT = `const dark = matchMedia("(prefers-color-scheme: dark)");
const follow = () => document.documentElement.classList.toggle("dark-mode", dark.matches);
dark.addEventListener("change", follow);
follow();
SwaggerUIBundle({ url: "/openapi/json", dom_id: "#viewer", deepLinking: true, validatorUrl: null });
`;

const PAGE_MARGIN = "\nbody { margin: 0; }\nhtml.dark-mode body { background: #1c2022; }\n";

export function openapiRoutes(
  describe: () => OpenapiDocument,
  viewer: OpenapiViewer | undefined,
): Route[] {
  let document: string | undefined;
  const page = viewer === undefined ? PLAIN_PAGE : VIEWER_PAGE;
  return [
    {
      method: "GET",
      path: "/openapi/json",
      handle() {
        document ??= JSON.stringify(describe());
        return new Response(document, { headers: JSON_HEADERS });
      },
    },
    {
      method: "GET",
      path: "/openapi",
      handle: () =>
        new Response(page, {
          headers: {
            "content-type": "text/html; charset=utf-8",
            "content-security-policy": VIEWER_POLICY,
          },
        }),
    },
    ...(viewer === undefined ? [] : viewerRoutes(viewer)),
  ];
}

function viewerRoutes({ css, js }: OpenapiViewer): Route[] {
  return [
    asset("/openapi/viewer.css", "text/css; charset=utf-8", css + PAGE_MARGIN),
    asset("/openapi/viewer.js", "text/javascript; charset=utf-8", js),
    asset("/openapi/start.js", "text/javascript; charset=utf-8", START_SCRIPT),
  ];
}

/** The files change only with the binary; an hour of age is no harm. */
function asset(path: string, type: string, content: string): Route {
  const headers = { "content-type": type, "cache-control": "max-age=3600" };
  return { method: "GET", path, handle: () => new Response(content, { headers }) };
}
