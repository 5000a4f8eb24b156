/**
 * One target in full: what is held of it, why, and by whom. What this monitor does not say (an older one, a lone
 * one) is not shown; nothing is made up for it.
 */
import type { CombinedAnswer, ExplainAnswer, TargetAnswer } from "../live/answers.ts";
import type { LiveFeed } from "../live/feed.ts";
import { momentOf } from "../live/moment.ts";
import {
  countOf,
  formatLevel,
  formatPhi,
  formatSpan,
  formatWholeSpan,
  listInWords,
} from "../words.ts";
import { formatClock, formatMoment } from "./clock_face.ts";
import { append, element, makeVerdict, replaceChildren, setHidden, setText } from "./dom.ts";
import type { Explanation } from "./explanation.ts";
import type { Verdict } from "../../verdict/mod.ts";
import { PhiChart } from "./phi_chart.ts";
import { TargetPast } from "./target_past.ts";
import type { Theme } from "./theme.ts";

const LIVE_CHART = { height: 170, spanMs: 120_000, gapMs: 5_000, formatTime: formatClock } as const;

/** Numbers that change faster than this nobody reads. */
const TEXT_EVERY_MS = 900;

const UNWATCHED = "There is no such target: it was taken out of the config, or never was in it.";

interface Shown {
  readonly target?: TargetAnswer;
  readonly verdict?: Verdict;
  readonly explained?: ExplainAnswer | null;
  readonly atMs: number;
}

const NOTHING_SHOWN: Shown = { atMs: Number.NEGATIVE_INFINITY };

export class TargetDetail {
  readonly element: HTMLElement;
  readonly #feed: LiveFeed;
  readonly #explanation: Explanation;
  readonly #chart: PhiChart;
  readonly #past: TargetPast;
  readonly #heading = element("h2", { tabindex: -1, id: "detail-heading" });
  readonly #url = element("p", { class: "url" });
  readonly #state = element("p", { class: "states" });
  readonly #sentences = element("div", { class: "sentences" });
  readonly #votes = element("div");
  readonly #facts = element("dl", { class: "facts" });
  readonly #json = element("a");
  readonly #levels = element("p", { class: "levels dim" });
  readonly #noChart = element("p", { class: "dim" }, "Nothing known of φ yet.");
  #name: string | null = null;
  /** What is shown already, so that text which somebody marks does not go away under the cursor. */
  #shown: Shown = NOTHING_SHOWN;

  constructor(feed: LiveFeed, theme: Theme, explanation: Explanation, onClose: () => void) {
    this.#feed = feed;
    this.#explanation = explanation;
    const close = element("button", { class: "close", type: "button" }, "Close");
    close.addEventListener("click", onClose);
    const chart = element("div", {
      class: "chart",
      role: "img",
      "aria-label": "φ against its threshold",
    });
    this.#chart = new PhiChart(chart, theme, LIVE_CHART);
    this.#past = new TargetPast(theme);
    this.element = element(
      "section",
      { class: "detail", "aria-labelledby": "detail-heading", hidden: true },
      element("div", { class: "title" }, this.#heading, close),
      this.#url,
      this.#state,
      element("h3", {}, "φ against its threshold"),
      chart,
      this.#levels,
      this.#noChart,
      element("h3", {}, "Why"),
      this.#sentences,
      this.#votes,
      element("h3", {}, "In numbers"),
      this.#facts,
      this.#past.element,
      element("p", {}, this.#json),
    );
  }

  focus(): void {
    this.#heading.focus({ preventScroll: true });
    this.element.scrollTop = 0;
  }

  update(name: string | null): void {
    if (name !== this.#name) this.#open(name);
    if (name === null) return;
    if (this.#explanation.isUnwatched) return this.#showUnwatched();
    const target = this.#explanation.target ?? this.#feed.seen.get(name);
    const points = this.#feed.trails.of(name);
    setHidden(this.#chart.element, points.length === 0);
    setHidden(this.#levels, points.length === 0);
    setHidden(this.#noChart, points.length > 0);
    if (target === undefined) return;
    if (points.length > 0) this.#chart.update(points, target, this.#feed.asOfMs());
    const { explained, history } = this.#explanation;
    this.#past.update(history, target, this.#feed.asOfMs());
    const nowMs = this.#feed.clock.wallMs();
    const isSoon = Math.abs(nowMs - this.#shown.atMs) < TEXT_EVERY_MS;
    if (isSoon && explained === this.#shown.explained && target.verdict === this.#shown.verdict)
      return;
    if (target !== this.#shown.target || explained !== this.#shown.explained) {
      this.#shown = { target, explained, verdict: target.verdict, atMs: nowMs };
      this.#showState(target);
      this.#showFacts(target);
      this.#showVotes(target.combined);
      this.#showSentences(target, explained);
    }
  }

  #open(name: string | null): void {
    this.#name = name;
    setHidden(this.element, name === null);
    this.#clear();
    if (name === null) return;
    setText(this.#heading, name);
    setText(this.#json, "All of it as JSON");
    this.#json.setAttribute("href", `/targets/${encodeURIComponent(name)}`);
  }

  #clear(): void {
    this.#shown = NOTHING_SHOWN;
    this.#chart.destroy();
    this.#past.clear();
    for (const part of [this.#state, this.#sentences, this.#votes, this.#facts])
      replaceChildren(part);
    setText(this.#url, "");
  }

  /** A link may be older than the config, and a target may go while somebody looks: old numbers would look live. */
  #showUnwatched(): void {
    if (this.#state.textContent === UNWATCHED) return;
    this.#clear();
    for (const part of [this.#chart.element, this.#levels, this.#noChart]) setHidden(part, true);
    setText(this.#state, UNWATCHED);
  }

  #showState({ url, verdict, verdictSince, combined }: TargetAnswer): void {
    setText(this.#url, url);
    const ago = (since: string | null) => {
      const ms = this.#feed.asOfMs() - momentOf(since);
      return Number.isNaN(ms) ? "" : ` for ${formatWholeSpan(ms)}`;
    };
    replaceChildren(this.#state);
    if (combined !== undefined) {
      const observers = `, all observers together${ago(combined.since)}`;
      append(this.#state, [
        element("span", { class: "joint" }, makeVerdict(combined.verdict)),
        observers,
        element("br"),
      ]);
    }
    append(this.#state, [makeVerdict(verdict), ` seen from here${ago(verdictSince)}`]);
  }

  #showSentences(target: TargetAnswer, explained: ExplainAnswer | null): void {
    const sentences = explained?.sentences ?? sentencesOf(target);
    replaceChildren(this.#sentences, ...sentences.map((sentence) => element("p", {}, sentence)));
  }

  #showVotes(combined: CombinedAnswer | undefined): void {
    if (combined?.votes === undefined) {
      replaceChildren(this.#votes);
      return;
    }
    const nowMs = this.#feed.asOfMs();
    const rows = combined.votes.map(({ observer, verdict, phi, since, counted }) => {
      const ms = nowMs - momentOf(since);
      return element(
        "tr",
        {},
        element("th", { scope: "row" }, observer),
        element("td", {}, makeVerdict(verdict)),
        element("td", { class: "number" }, formatPhi(phi)),
        element("td", { class: "number" }, Number.isNaN(ms) ? "" : formatWholeSpan(ms)),
        element("td", {}, counted ? "counts" : "in doubt, not counted"),
      );
    });
    const heads = ["Observer", "Says", "φ", "For", "Counts?"];
    replaceChildren(
      this.#votes,
      element("h3", {}, "Who says what"),
      element("p", { class: "dim" }, `Down when ${combined.needed} of ${combined.members} say so.`),
      element(
        "table",
        {},
        element(
          "thead",
          {},
          element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text))),
        ),
        element("tbody", {}, ...rows),
      ),
    );
  }

  #showFacts(target: TargetAnswer): void {
    const { window, probes, lastError, certificateExpires, lastHeartbeat } = target;
    const failed = Object.entries(probes.failures).map(([reason, count]) => `${count} ${reason}`);
    replaceChildren(
      this.#levels,
      element("span", {}, "φ"),
      element("span", { class: "suspect" }, `suspect from ${formatLevel(target.suspectPhi)}`),
      element("span", { class: "down" }, `down from ${formatLevel(target.threshold)}`),
    );
    const facts: [string, string][] = [
      [
        "φ now",
        `${formatPhi(target.phi)}; suspect from ${formatLevel(target.suspectPhi)}, down from ${formatLevel(target.threshold)}`,
      ],
      [
        "Last heartbeat",
        lastHeartbeat === null
          ? "none yet"
          : `${formatSpan(target.silenceSeconds * 1_000)} ago (${formatMoment(momentOf(lastHeartbeat))})`,
      ],
      [
        "Rhythm",
        `every ${Math.round(window.meanMs)} ± ${Math.round(window.stdDevMs)} ms, from ${countOf(window.samples, "interval")}`,
      ],
      [
        "Probes",
        `${probes.total}, ${failed.length === 0 ? "none failed" : `failed: ${listInWords(failed)}`}${probes.skipped > 0 ? `; ${probes.skipped} skipped` : ""}`,
      ],
      ["Watched for", formatWholeSpan(target.watchedSeconds * 1_000)],
    ];
    if (lastError !== null) {
      facts.push([
        "Last error",
        `${lastError.reason}: ${lastError.detail} (${formatMoment(momentOf(lastError.at))})`,
      ]);
    }
    if (certificateExpires !== null)
      facts.push(["Certificate ends", formatMoment(momentOf(certificateExpires))]);
    replaceChildren(
      this.#facts,
      ...facts.flatMap(([name, value]) => [element("dt", {}, name), element("dd", {}, value)]),
    );
  }
}

/** What a monitor that gives no explanation of its own says all the same. */
function sentencesOf(target: TargetAnswer): readonly string[] {
  const { verdict, phi, threshold, silenceSeconds, lastHeartbeat, combined } = target;
  const silence = formatSpan(silenceSeconds * 1_000);
  const seen =
    lastHeartbeat === null
      ? `This monitor has watched it for ${silence} and has not had a heartbeat.`
      : `This monitor had the last heartbeat ${silence} ago; φ is ${formatPhi(phi)} of ${formatLevel(threshold)}, so it says ${verdict}.`;
  if (combined === undefined || combined.dissenters.length === 0) return [seen];
  const others = listInWords(combined.dissenters);
  const say = combined.verdict === "partial" ? "alone say down" : "say otherwise";
  return [
    seen,
    `${others} ${combined.dissenters.length === 1 ? say.replace("say", "says") : say}.`,
  ];
}
