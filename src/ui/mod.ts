/** The page people look at, and what it is made of: a monitor's live view, for whoever else shows one. */
export { renderBadge } from "./badge.ts";
export type {
  MatrixAnswer,
  ObserversAnswer,
  ReadinessAnswer,
  TargetAnswer,
} from "./live/answers.ts";
export { lettersOf } from "./live/answers.ts";
export { type BoardFilter, type BoardRow, NO_FILTER } from "./live/board.ts";
export { isTooLate } from "./live/deadline.ts";
export { LiveFeed } from "./live/feed.ts";
export { describeDoubts, type Happening } from "./live/happenings.ts";
export type { LinkState } from "./live/link.ts";
export { momentOf } from "./live/moment.ts";
export type { LiveWorld } from "./live/world.ts";
export { renderPlain, renderShell } from "./shell.ts";
export type { PageParts } from "./shell.ts";
export {
  cellOf,
  countOf,
  formatPhi,
  formatWholeSpan,
  isCombinedVerdict,
  isVerdict,
  SIGNS,
  WORST_FIRST,
} from "./words.ts";
