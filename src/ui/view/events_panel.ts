/** What happened, the newest first: the last of it before the page was opened, and all of it since. */
import type { Happening } from "../live/happenings.ts";
import { formatMoment, formatTime } from "./clock_face.ts";
import { element, makeSign, replaceChildren, setHidden } from "./dom.ts";

/** More nobody reads here; the log has them all. */
const SHOWN = 60;

export class EventsPanel {
  readonly element: HTMLElement;
  readonly #list = element("ol", { class: "events" });
  readonly #none = element(
    "p",
    { class: "dim" },
    "Nothing has changed since this monitor was started.",
  );
  readonly #onOpen: (target: string) => void;
  #shown: readonly Happening[] | undefined;

  constructor(onOpen: (target: string) => void) {
    this.#onOpen = onOpen;
    this.element = element(
      "section",
      { class: "panel", id: "events", "aria-labelledby": "events-heading" },
      element("h2", { id: "events-heading" }, "As it happens"),
      this.#none,
      this.#list,
    );
  }

  update(happenings: readonly Happening[]): void {
    if (happenings === this.#shown) return;
    const newest = this.#shown?.[0]?.number ?? 0;
    this.#shown = happenings;
    setHidden(this.#none, happenings.length > 0);
    const news = happenings.slice(0, SHOWN).filter(({ number }) => number > newest);
    const items = news.map((happening) => this.#makeItem(happening));
    if (news.length === SHOWN) replaceChildren(this.#list, ...items);
    else this.#list.prepend(...items);
    while (this.#list.childElementCount > SHOWN) this.#list.lastElementChild?.remove();
  }

  #makeItem({ kind, subject, verdict, detail, atMs, isPast }: Happening): HTMLElement {
    const name = kind === "observer" ? element("b", {}, subject) : this.#makeLink(subject);
    const what =
      verdict === null
        ? [" ", detail]
        : [
            kind === "own" ? " is, seen from here, " : " is ",
            element("span", { class: `verdict ${verdict}` }, makeSign(verdict), verdict),
            element("small", {}, detail),
          ];
    return element(
      "li",
      { class: kind },
      // What is past may be of another day.
      element("time", {}, isPast ? formatMoment(atMs) : formatTime(atMs)),
      " ",
      name,
      ...what,
    );
  }

  #makeLink(target: string): HTMLElement {
    const link = element("button", { type: "button", class: "link" }, target);
    link.addEventListener("click", () => this.#onOpen(target));
    return link;
  }
}
