/** The page's style and script as text, which the bundler puts into the binary: looking at it needs one request. */
import type { PageParts } from "../api/mod.ts";
import { bundlePage } from "./_bundle_page.ts" with { type: "macro" };

export const PAGE: PageParts = bundlePage();
