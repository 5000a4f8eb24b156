/** Says in the log when this monitor begins to doubt itself, with what was seen, and when it ceases to. */
import type { SelfDoubtReading } from "../../observers/mod.ts";
import type { MemberGrants } from "./grants.ts";

/** The result ends it. */
export function tellSelfDoubt(
  selfDoubt: Pick<SelfDoubtReading, "onChange">,
  { tell }: Pick<MemberGrants, "tell">,
): () => void {
  return selfDoubt.onChange(({ doubts, began, ended }) => {
    for (const { doubt, detail } of began) {
      tell("warning", `this monitor doubts itself (${doubt}): ${detail}`);
    }
    if (ended.length === 0) return;
    const left = doubts.length === 0 ? "it trusts itself again" : `${doubts.join(", ")} goes on`;
    tell("info", `this monitor's doubt is over (${ended.join(", ")}): ${left}`);
  });
}
