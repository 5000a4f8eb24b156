/**
 * `GET /`: the page, whole in one answer, with a policy that lets it use its own style and script and speak
 * with this monitor, and nothing else in the world.
 */
import { wantsGzip } from "../metrics/mod.ts";
import { type PageParts, renderPlain, renderShell } from "../ui/mod.ts";
import { isUnchanged } from "./etag.ts";
import type { Route } from "./route.ts";
import { pageOperation } from "./status_operations.ts";

interface MadePage {
  readonly plain: Uint8Array<ArrayBuffer>;
  readonly gzipped: Uint8Array<ArrayBuffer>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Without `parts` the page only says where else to look. */
export function pageRoutes({ page: parts }: { readonly page?: PageParts }): Route[] {
  let made: Promise<MadePage> | undefined;
  return [
    {
      method: "GET",
      path: "/",
      operation: pageOperation,
      // People come by links that others have written.
      takesAnyQuery: true,
      async handle(request) {
        // It is the same for as long as the process lives, so it is compressed once.
        made ??= makePage(parts);
        const { plain, gzipped, headers } = await made;
        if (isUnchanged(request, headers["etag"]!)) {
          return new Response(null, { status: 304, headers });
        }
        if (!wantsGzip(request.headers.get("accept-encoding") ?? "")) {
          return new Response(plain, { headers });
        }
        return new Response(gzipped, { headers: { ...headers, "content-encoding": "gzip" } });
      },
    },
  ];
}

async function makePage(parts: PageParts | undefined): Promise<MadePage> {
  const text = parts === undefined ? renderPlain() : renderShell(parts);
  const plain = new TextEncoder().encode(text);
  const stream = new Blob([plain]).stream().pipeThrough(new CompressionStream("gzip"));
  const gzipped = new Uint8Array(await new Response(stream).arrayBuffer());
  const [style, script, whole] = await Promise.all(
    [parts?.style ?? "", parts?.script ?? "", text].map(digest),
  );
  return {
    plain,
    gzipped,
    headers: {
      "content-type": "text/html; charset=utf-8",
      "content-security-policy":
        `default-src 'none'; style-src 'sha256-${style}'; script-src 'sha256-${script}'; ` +
        "connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
      // Asked again each time: another version of the binary brings another page.
      "cache-control": "no-cache",
      etag: `"${whole}"`,
      vary: "accept-encoding",
    },
  };
}

/** As a policy names it. */
async function digest(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(bytes)));
}
