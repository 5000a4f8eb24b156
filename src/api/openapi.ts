/**
 * The API's description of itself: the routes' own operations, and the schemas they name. The document is
 * made once, when somebody asks for it first.
 */
import { enumToOpenApi, nullToOpenApi, toOpenAPISchema } from "@elysia/openapi/openapi";
import type { AnyElysia } from "elysia";
import type { Route } from "./route.ts";
import { SCHEMAS } from "./schemas.ts";

const OPENAPI_VERSION = "3.1.2";

export interface OpenapiDocument {
  readonly openapi: string;
  readonly info: Readonly<Record<string, unknown>>;
  readonly tags: readonly object[];
  readonly paths: Readonly<Record<string, object | undefined>>;
  readonly components: {
    readonly schemas: Readonly<Record<string, object>>;
    readonly securitySchemes: Readonly<Record<string, object>>;
  };
}

export function describeApi(
  app: AnyElysia,
  routes: readonly Route[],
  version: string,
): OpenapiDocument {
  const paths = withParameters(toOpenAPISchema(app).paths, routes);
  return {
    openapi: OPENAPI_VERSION,
    info: {
      title: "phi",
      version,
      description:
        "Watches servers, and says how much each one is to be suspected. Errors are problem documents (RFC 9457). Writes of the config take If-Match; those of silences and members have nothing to match, and refuse it.",
      license: { name: "MIT", identifier: "MIT" },
    },
    tags: [
      { name: "Config", description: "What is watched." },
      { name: "Watch", description: "What this monitor sees." },
      { name: "Observers", description: "Who else watches, and what all of them hold together." },
      { name: "Alerts", description: "Who is told, and what is kept quiet." },
      { name: "Cluster", description: "Who shares the config." },
      { name: "Status", description: "How the monitor itself is." },
    ],
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(SCHEMAS).map(asShown)),
      securitySchemes: {
        writeToken: {
          type: "http",
          scheme: "bearer",
          description: "For writes, where the monitor was started with --api-token-file.",
        },
      },
    },
  };
}

/** Of a path with a name in it Elysia describes that name alone, whatever else the operation has. */
function withParameters(
  paths: Readonly<Record<string, object | undefined>>,
  routes: readonly Route[],
): Readonly<Record<string, object | undefined>> {
  const all = new Map(Object.entries(paths));
  for (const { method, path, operation } of routes) {
    const shown = path.replaceAll(/:(\w+)/gu, "{$1}");
    const operations = new Map(Object.entries(all.get(shown) ?? {}));
    const described: unknown = operations.get(method.toLowerCase());
    if (operation?.parameters === undefined || typeof described !== "object") continue;
    operations.set(method.toLowerCase(), { ...described, parameters: operation.parameters });
    all.set(shown, Object.fromEntries(operations));
  }
  return Object.fromEntries(all);
}

/** As readers and viewers like it best: a union of words as an enum, a union with null as two types. */
function asShown([name, schema]: [string, object]): [string, object] {
  return [name, nullToOpenApi(enumToOpenApi(schema), OPENAPI_VERSION)];
}
