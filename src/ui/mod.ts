/** The page people look at, and what it is made of: a monitor's live view, for whoever else shows one. */
export { renderBadge } from "./badge.ts";
export { renderPlain, renderShell } from "./shell.ts";
export type { PageParts } from "./shell.ts";
