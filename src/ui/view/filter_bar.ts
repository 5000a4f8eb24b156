/** What of the list is shown: how many targets there are of each verdict, and which of them; and the search. */
import type { CombinedVerdict } from "../../verdict/mod.ts";
import type { BoardFilter } from "../live/board.ts";
import { WORST_FIRST } from "../words.ts";
import { element, makeSign, setAttribute, setHidden, setText } from "./dom.ts";

export class FilterBar {
  readonly chips: HTMLElement;
  readonly search: HTMLElement;
  readonly input: HTMLInputElement;
  readonly #onChange: (filter: BoardFilter) => void;
  readonly #buttons = new Map<CombinedVerdict, { button: HTMLButtonElement; count: HTMLElement }>();
  #filter: BoardFilter;

  constructor(filter: BoardFilter, onChange: (filter: BoardFilter) => void) {
    this.#filter = filter;
    this.#onChange = onChange;
    this.input = element("input", {
      type: "search",
      id: "search",
      placeholder: "Search",
      "aria-label": "Search targets by name",
      autocomplete: "off",
      spellcheck: "false",
      "aria-keyshortcuts": "/",
    });
    this.input.value = filter.search;
    this.input.addEventListener("input", () => this.set({ search: this.input.value }));
    const hint = element("kbd", { "aria-hidden": "true" }, "/");
    this.search = element("div", { class: "search" }, this.input, hint);
    this.chips = element("div", {
      class: "chips",
      role: "group",
      "aria-label": "Filter by verdict",
    });
    for (const verdict of WORST_FIRST) this.chips.appendChild(this.#makeChip(verdict));
  }

  get filter(): BoardFilter {
    return this.#filter;
  }

  get isActive(): boolean {
    return this.#filter.search.trim() !== "" || this.#filter.verdicts.size > 0;
  }

  set(change: Partial<BoardFilter>): void {
    this.#filter = { ...this.#filter, ...change };
    if (this.input.value !== this.#filter.search) this.input.value = this.#filter.search;
    this.#onChange(this.#filter);
  }

  clear(): void {
    this.set({ search: "", verdicts: new Set() });
  }

  /** `hasPartial`: whether there are observers that could differ. */
  update(counts: Readonly<Record<CombinedVerdict, number>>, hasPartial: boolean): void {
    for (const [verdict, { button, count }] of this.#buttons) {
      const isPressed = this.#filter.verdicts.has(verdict);
      setText(count, String(counts[verdict]));
      setAttribute(button, "aria-pressed", isPressed ? "true" : "false");
      setAttribute(button, "class", `chip ${verdict}${counts[verdict] === 0 ? " none" : ""}`);
      if (verdict === "partial")
        setHidden(button, !hasPartial && !isPressed && counts.partial === 0);
    }
  }

  #makeChip(verdict: CombinedVerdict): HTMLElement {
    const count = element("b", {}, "0");
    const word = element("span", { class: "word" }, makeSign(verdict), verdict);
    const button = element(
      "button",
      { type: "button", class: `chip ${verdict}` },
      count,
      " ",
      word,
    );
    button.addEventListener("click", () => {
      const verdicts = new Set(this.#filter.verdicts);
      if (!verdicts.delete(verdict)) verdicts.add(verdict);
      this.set({ verdicts });
    });
    this.#buttons.set(verdict, { button, count });
    return button;
  }
}
