/** Moments of the wall clock, as people write them. */
export { formatRfc3339, parseRfc3339 } from "./rfc3339.ts";
