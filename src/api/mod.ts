/** The HTTP face: `Request` in, `Response` out, for programs, for Prometheus and for people. */
export { createApi } from "./api.ts";
export type { Api } from "./api.ts";
export type { ApiDeps, ApiOptions, Exposition, OpenapiViewer } from "./deps.ts";
export type { PageParts } from "../ui/mod.ts";
export { refuseForeign } from "./guard.ts";
export { parseMatcher } from "./matcher_text.ts";
export { problem } from "./problem.ts";
