export { VERDICTS } from "./verdict.ts";
export type { Verdict } from "./verdict.ts";
export { VerdictMachine } from "./verdict_machine.ts";
export type { VerdictOptions } from "./verdict_machine.ts";
