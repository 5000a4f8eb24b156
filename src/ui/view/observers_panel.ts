/** Who watches, who is heard, and who doubts itself and why. */
import type { ObserverAnswer, ObserversAnswer } from "../live/answers.ts";
import { describeDoubts } from "../live/happenings.ts";
import { formatWholeSpan } from "../words.ts";
import { element, makeSign, replaceChildren, setHidden, setText } from "./dom.ts";

export class ObserversPanel {
  readonly element: HTMLElement;
  readonly #rule = element("p", { class: "dim" });
  readonly #list = element("ol", { class: "observers" });
  #shown: ObserversAnswer | null | undefined;

  constructor() {
    this.element = element(
      "section",
      { class: "panel", id: "observers", "aria-labelledby": "observers-heading" },
      element("h2", { id: "observers-heading" }, "Observers"),
      this.#rule,
      this.#list,
    );
  }

  update(observers: ObserversAnswer | null): void {
    if (observers === this.#shown) return;
    this.#shown = observers;
    setHidden(this.#list, observers === null);
    if (observers === null) {
      setText(this.#rule, "This monitor knows no other observers: what it sees alone is shown.");
      replaceChildren(this.#list);
      return;
    }
    const { members, needed, minority } = observers;
    const rule = `Down when ${needed} of ${members} say so.`;
    const minorityNote =
      "This monitor hears too few of the others, so it says unknown and not down.";
    setText(this.#rule, minority ? `${rule} ${minorityNote}` : rule);
    replaceChildren(this.#list, ...observers.observers.map(makeItem));
  }
}

/** Sound, in doubt or not heard, in a word and a shape; and what it holds. */
function makeItem({
  id,
  self,
  heard,
  silentSeconds,
  inDoubt,
  doubts,
  targets,
}: ObserverAnswer): HTMLElement {
  const state = !heard ? "not heard" : inDoubt ? "in doubt" : "sound";
  const shape = !heard ? "silent" : inDoubt ? "suspect" : "up";
  const silence =
    silentSeconds === null ? "never heard" : `${formatWholeSpan(silentSeconds * 1_000)} ago`;
  return element(
    "li",
    { class: state.replace(" ", "-") },
    element("b", {}, id),
    self ? element("span", { class: "tag" }, " this one") : null,
    element("span", { class: `verdict ${shape}` }, makeSign(shape), state),
    self || (heard && silentSeconds !== null && silentSeconds < 5)
      ? null
      : element("small", {}, `heard: ${silence}`),
    inDoubt
      ? element("p", {}, `Doubts itself: ${describeDoubts(doubts)}. Its votes are not counted.`)
      : null,
    targets === null ? null : element("small", { class: "counts" }, describeCounts(targets)),
  );
}

function describeCounts(targets: NonNullable<ObserverAnswer["targets"]>): string {
  const parts = (["down", "suspect", "unknown", "up"] as const)
    .filter((verdict) => targets[verdict] > 0)
    .map((verdict) => `${targets[verdict]} ${verdict}`);
  return `says: ${parts.length === 0 ? "nothing yet" : parts.join(", ")}`;
}
