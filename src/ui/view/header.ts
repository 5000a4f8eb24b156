/** Who speaks, whether it still does, and what is wrong: what stands above everything else. */
import type { ObserversAnswer, ReadinessAnswer } from "../live/answers.ts";
import { describeDoubts } from "../live/happenings.ts";
import type { LinkState } from "../live/link.ts";
import { formatMoment, formatTime } from "./clock_face.ts";
import { element, replaceChildren, setAttribute, setHidden, setText } from "./dom.ts";

const LINK_WORDS = { connecting: "connecting", live: "live", lost: "not live" } as const;

export class Header {
  readonly element: HTMLElement;
  readonly alarm = element("div", { class: "alarm", role: "alert", hidden: true });
  readonly troubles = element("div", { class: "troubles", role: "status", hidden: true });
  readonly #who = element("span", { class: "who-speaks" });
  readonly #link = element("span", { class: "link-state connecting" }, "connecting");
  readonly #version = element("span", { class: "dim version" });
  #said = "";
  /** Of the page itself: the first one that the monitor named. */
  #loadedVersion: string | undefined;

  constructor(onHelp: () => void) {
    const help = element(
      "button",
      { type: "button", class: "link", "aria-keyshortcuts": "?" },
      "Keys",
    );
    help.addEventListener("click", onHelp);
    this.element = element(
      "header",
      {},
      element("h1", {}, element("span", { class: "logo", "aria-hidden": "true" }, "φ"), "phi"),
      this.#who,
      this.#link,
      this.#version,
      element(
        "nav",
        { "aria-label": "More" },
        makeLink("/metrics", "Metrics"),
        makeLink("/targets", "JSON"),
        makeLink("/openapi", "API"),
        help,
      ),
    );
  }

  update(
    link: LinkState,
    readiness: ReadinessAnswer | null,
    observers: ObserversAnswer | null,
  ): void {
    const observer = readiness?.observer ?? observers?.self;
    setText(this.#who, observer === undefined ? "" : `seen by ${observer}`);
    setText(this.#version, readiness === null ? "" : readiness.version);
    setText(this.#link, LINK_WORDS[link.kind]);
    setAttribute(this.#link, "class", `link-state ${link.kind}`);
    this.#showAlarm(link);
    this.#showTroubles(readiness, observers);
  }

  #showAlarm(link: LinkState): void {
    setHidden(this.alarm, link.kind !== "lost");
    if (link.kind !== "lost") {
      setText(this.alarm, "");
      return;
    }
    const since = link.sinceWallMs;
    const text =
      since === null
        ? `The monitor cannot be heard: ${link.why}. Nothing is known yet.`
        : `Not live: the monitor has not been heard since ${formatTime(since)} (${link.why}). ` +
          "What is shown is from then; it is asked again and again.";
    setText(this.alarm, text);
    setAttribute(this.alarm, "title", since === null ? undefined : formatMoment(since));
  }

  #showTroubles(readiness: ReadinessAnswer | null, observers: ObserversAnswer | null): void {
    this.#loadedVersion ??= readiness?.version;
    const self = observers?.observers.find((observer) => observer.self);
    const sentences = [
      readiness?.detail,
      observers?.minority === true
        ? "This monitor hears too few of the others to call anything down: where it would, it says unknown."
        : undefined,
      self?.inDoubt === true
        ? `This monitor doubts itself: ${describeDoubts(self.doubts)}. What it sees is not counted.`
        : undefined,
      readiness !== null && readiness.version !== this.#loadedVersion
        ? "The monitor runs another version by now: load the page again."
        : undefined,
    ].filter((sentence) => sentence !== undefined);
    const said = sentences.join("\n");
    if (said === this.#said) return;
    this.#said = said;
    setHidden(this.troubles, sentences.length === 0);
    replaceChildren(this.troubles, ...sentences.map((sentence) => element("p", {}, sentence)));
  }
}

function makeLink(href: string, text: string): HTMLElement {
  return element("a", { href }, text);
}
