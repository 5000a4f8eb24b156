/** Why a verdict is what it is: as numbers, and in sentences. */
export { explain } from "./explain.ts";
export type { ExplainSources } from "./explain.ts";
export type { Explanation } from "./explanation.ts";
export { sentencesOf } from "./sentences.ts";
export type { FormatTime } from "./words.ts";
