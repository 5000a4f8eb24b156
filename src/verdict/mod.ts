export { COMBINED_VERDICTS } from "./combined_verdict.ts";
export type { CombinedVerdict } from "./combined_verdict.ts";
export { VERDICTS } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";
export { VerdictMachine } from "./verdict_machine.ts";
export type { VerdictOptions } from "./verdict_machine.ts";
