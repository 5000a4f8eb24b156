/** What this folder implements. */
// DESIGN.md lets `bun` import the face of what it implements; this one is a folder further down.
// oxlint-disable-next-line no-restricted-imports
export type * from "../../peer/mod.ts";
