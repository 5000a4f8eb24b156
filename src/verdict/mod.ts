export { VERDICTS } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";
