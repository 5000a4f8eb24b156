/** What one target was: its changes of verdict, and φ over the last day. Nothing where the monitor keeps no history. */
import type { HistoryAnswer } from "../live/answers.ts";
import { momentOf } from "../live/moment.ts";
import { formatMoment, formatShortClock } from "./clock_face.ts";
import { element, makeVerdict, replaceChildren, setHidden } from "./dom.ts";
import { type ChartLevels, PhiChart } from "./phi_chart.ts";
import type { Theme } from "./theme.ts";

const DAY_MS = 86_400_000;
/** One sample a minute; three of them missing are a gap. */
const GAP_MS = 240_000;
/** Fewer make no curve. */
const MIN_SAMPLES = 3;
const SHOWN_CHANGES = 12;

export class TargetPast {
  readonly element: HTMLElement;
  readonly #chart: PhiChart;
  readonly #day: HTMLElement;
  readonly #changes = element("ol", { class: "events" });
  #shown: HistoryAnswer | null = null;

  constructor(theme: Theme) {
    const root = element("div", {
      class: "chart",
      role: "img",
      "aria-label": "The highest φ of each minute of the last day",
    });
    this.#chart = new PhiChart(root, theme, {
      height: 120,
      spanMs: DAY_MS,
      gapMs: GAP_MS,
      formatTime: formatShortClock,
    });
    this.#day = element(
      "div",
      {},
      element("h3", {}, "The last day: the highest φ of each minute"),
      root,
    );
    this.element = element(
      "div",
      { hidden: true },
      this.#day,
      element("h3", {}, "What it was"),
      this.#changes,
    );
  }

  clear(): void {
    this.#shown = null;
    this.#chart.destroy();
    setHidden(this.element, true);
  }

  update(history: HistoryAnswer | null, levels: ChartLevels, nowMs: number): void {
    if (history === null) return;
    setHidden(this.element, history.changes.length === 0 && history.phi.length < MIN_SAMPLES);
    setHidden(this.#day, history.phi.length < MIN_SAMPLES);
    const points = history.phi.map(({ at, peakPhi }) => ({ atMs: momentOf(at), phi: peakPhi }));
    if (points.length >= MIN_SAMPLES) this.#chart.update(points, levels, nowMs);
    if (history === this.#shown) return;
    this.#shown = history;
    // What all observers held says more than what this one did.
    const combined = history.changes.filter(({ scope }) => scope === "combined");
    const changes = combined.length > 0 ? combined : history.changes;
    const items = changes.slice(-SHOWN_CHANGES).toReversed().map(makeItem);
    replaceChildren(this.#changes, ...items);
  }
}

function makeItem({ at, to, reason }: HistoryAnswer["changes"][number]): HTMLElement {
  return element(
    "li",
    {},
    element("time", {}, formatMoment(momentOf(at))),
    " ",
    makeVerdict(to),
    element("small", {}, reason),
  );
}
