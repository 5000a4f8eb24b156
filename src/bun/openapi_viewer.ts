/** Swagger UI's files as text, which the bundler puts into the binary: the viewer needs no network. */
import css from "swagger-ui-dist/swagger-ui.css" with { type: "text" };
import js from "swagger-ui-dist/swagger-ui-bundle.js" with { type: "text" };
import type { OpenapiViewer } from "../api/mod.ts";

export const OPENAPI_VIEWER: OpenapiViewer = { css, js };
