/** What the page shows, as its address: so that a view can be kept, reloaded and sent to somebody. */
import type { CombinedVerdict } from "../../verdict/mod.ts";
import type { BoardFilter } from "../live/board.ts";
import { isCombinedVerdict, WORST_FIRST } from "../words.ts";

export const VIEWS = ["list", "map", "observers", "events"] as const;
/** The last two are shown beside the first two where there is room. */
export type View = (typeof VIEWS)[number];

export interface Place {
  readonly filter: BoardFilter;
  readonly target: string | null;
  readonly view: View;
}

/** `hash` with or without its `#`. What makes no sense is passed over. */
export function readPlace(hash: string): Place {
  const parameters = new URLSearchParams(hash.replace(/^#/, ""));
  const verdicts = (parameters.get("verdict") ?? "").split(",").filter(isCombinedVerdict);
  const view = VIEWS.find((name) => name === parameters.get("view")) ?? "list";
  const filter = {
    verdicts: new Set<CombinedVerdict>(verdicts),
    search: parameters.get("q") ?? "",
  };
  return { filter, target: parameters.get("target"), view };
}

/** Empty for the view one starts with. */
export function writePlace({ filter, target, view }: Place): string {
  const parameters = new URLSearchParams();
  if (view !== "list") parameters.set("view", view);
  const verdicts = WORST_FIRST.filter((verdict) => filter.verdicts.has(verdict));
  if (verdicts.length > 0) parameters.set("verdict", verdicts.join(","));
  if (filter.search !== "") parameters.set("q", filter.search);
  if (target !== null) parameters.set("target", target);
  const text = parameters.toString();
  return text === "" ? "" : `#${text}`;
}
