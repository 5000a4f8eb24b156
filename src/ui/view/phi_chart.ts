/** φ of one target against its two levels, live, drawn by uPlot. */
import uPlot from "uplot";
import type { TrailPoint } from "../live/trails.ts";
import { formatClock } from "./clock_face.ts";
import type { Theme } from "./theme.ts";

const HEIGHT = 170;
const SPAN_SECONDS = 120;
/** What is higher leaves the picture: how far above the threshold it is says nothing more. */
const MAX_SHARE = 1.6;
/** Answers that are further apart leave a gap: nobody knows what was between them. */
const GAP_MS = 5_000;

export interface ChartLevels {
  readonly threshold: number;
  readonly suspectPhi: number;
}

export class PhiChart {
  readonly element: HTMLElement;
  readonly #theme: Theme;
  #plot: uPlot | undefined;
  #themeVersion = -1;
  #nowSeconds = 0;
  /** What the picture shows already. */
  #shown = "";
  /** The highest φ in the picture. */
  #top = 1;

  constructor(root: HTMLElement, theme: Theme) {
    this.element = root;
    this.#theme = theme;
    new ResizeObserver(() => this.#resize()).observe(root);
  }

  /** `nowMs` by the same clock as the points. */
  update(points: readonly TrailPoint[], levels: ChartLevels, nowMs: number): void {
    const key = `${points.at(-1)?.atMs} ${levels.threshold} ${this.#theme.version}`;
    if (this.#plot !== undefined && key === this.#shown) return;
    this.#shown = key;
    this.#nowSeconds = nowMs / 1_000;
    if (this.#plot === undefined || this.#themeVersion !== this.#theme.version) this.#make();
    // The levels reach from edge to edge, where nothing is known of φ too.
    const [first, last] = [this.#nowSeconds - SPAN_SECONDS, this.#nowSeconds];
    const known = points.filter(({ atMs }) => atMs / 1_000 > first && atMs / 1_000 < last);
    this.#top = topOf(known, levels.threshold);
    const times = [first];
    const phis: (number | null)[] = [null];
    for (const [at, { atMs, phi }] of known.entries()) {
      if (at > 0 && atMs - known[at - 1]!.atMs > GAP_MS) {
        times.push(atMs / 1_000 - 0.001);
        phis.push(null);
      }
      times.push(atMs / 1_000);
      // What leaves the picture runs along its edge until it comes back.
      phis.push(Math.min(phi, this.#top));
    }
    times.push(last);
    phis.push(null);
    const level = (phi: number) => times.map(() => phi);
    this.#plot?.setData([times, phis, level(levels.suspectPhi), level(levels.threshold)]);
  }

  destroy(): void {
    this.#plot?.destroy();
    this.#plot = undefined;
  }

  #make(): void {
    this.destroy();
    this.#themeVersion = this.#theme.version;
    const colour = (name: Parameters<Theme["colour"]>[0]) => this.#theme.colour(name);
    const axis = {
      stroke: colour("dim"),
      grid: { stroke: colour("line"), width: 1 },
      ticks: { stroke: colour("line"), width: 1, size: 4 },
      font: "11px system-ui, sans-serif",
    };
    this.#plot = new uPlot(
      {
        width: Math.max(200, this.element.clientWidth),
        height: HEIGHT,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: true, range: () => [this.#nowSeconds - SPAN_SECONDS, this.#nowSeconds] },
          y: { range: () => [0, this.#top] },
        },
        axes: [
          {
            ...axis,
            size: 28,
            space: 70,
            values: (_, times) => times.map((time) => formatClock(time * 1_000)),
          },
          { ...axis, size: 38, space: 30 },
        ],
        series: [
          {},
          { stroke: colour("accent"), width: 2, points: { show: false } },
          { stroke: colour("suspect-fill"), width: 1.5, dash: [2, 4], points: { show: false } },
          { stroke: colour("down-fill"), width: 1.5, dash: [8, 4], points: { show: false } },
        ],
      },
      [[], [], [], []],
      this.element,
    );
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (width > 0) this.#plot?.setSize({ width, height: HEIGHT });
  }
}

function topOf(points: readonly TrailPoint[], threshold: number): number {
  const highest = Math.max(0, ...points.map(({ phi }) => phi));
  return Math.min(threshold * MAX_SHARE, Math.max(threshold * 1.15, highest * 1.1));
}
