/** What the route of the badges says about itself in the OpenAPI document. */
import { pathParameter, text } from "./operation_parts.ts";
import type { Operation } from "./route.ts";

export const badgeOperation: Operation = {
  operationId: "getBadge",
  summary: "A target's verdict as a small picture",
  description:
    "For a wiki or a dashboard: `![api](http://HOST:8000/badge/api.svg)`. The combined verdict where there are other observers, else this monitor's own.",
  tags: ["Watch"],
  parameters: [pathParameter("file", "The target's name, and `.svg`.")],
  responses: {
    "200": text("SVG.", "image/svg+xml"),
    "404": text("There is no target of that name; a picture says so.", "image/svg+xml"),
  },
};
