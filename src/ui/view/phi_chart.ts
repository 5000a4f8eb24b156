/** φ of one target against its two levels, live, drawn by uPlot. */
import uPlot from "uplot";
import type { TrailPoint } from "../live/trails.ts";
import type { Theme } from "./theme.ts";

/** What is higher leaves the picture: how far above the threshold it is says nothing more. */
const MAX_SHARE = 1.6;

export interface ChartOptions {
  readonly height: number;
  /** From the left edge to the right one, which is now. */
  readonly spanMs: number;
  /** Points that are further apart leave a gap: nobody knows what was between them. */
  readonly gapMs: number;
  readonly formatTime: (wallMs: number) => string;
}

export interface ChartLevels {
  readonly threshold: number;
  readonly suspectPhi: number;
}

export class PhiChart {
  readonly element: HTMLElement;
  readonly #theme: Theme;
  readonly #options: ChartOptions;
  #plot: uPlot | undefined;
  #themeVersion = -1;
  #nowSeconds = 0;
  /** What the picture shows already. */
  #shown = "";
  /** The highest φ in the picture. */
  #top = 1;

  constructor(root: HTMLElement, theme: Theme, options: ChartOptions) {
    this.element = root;
    this.#theme = theme;
    this.#options = options;
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
    const [first, last] = this.#range;
    const known = points.filter(({ atMs }) => atMs / 1_000 > first && atMs / 1_000 < last);
    this.#top = topOf(known, levels.threshold);
    const times = [first];
    const phis: (number | null)[] = [null];
    for (const [at, { atMs, phi }] of known.entries()) {
      if (at > 0 && atMs - known[at - 1]!.atMs > this.#options.gapMs) {
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
    const { height, formatTime } = this.#options;
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
        height,
        cursor: { show: false },
        legend: { show: false },
        scales: {
          x: { time: true, range: () => this.#range },
          y: { range: () => [0, this.#top] },
        },
        axes: [
          {
            ...axis,
            size: 28,
            space: 70,
            values: (_, times) => times.map((time) => formatTime(time * 1_000)),
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

  get #range(): [number, number] {
    return [this.#nowSeconds - this.#options.spanMs / 1_000, this.#nowSeconds];
  }

  #resize(): void {
    const width = this.element.clientWidth;
    if (width > 0) this.#plot?.setSize({ width, height: this.#options.height });
  }
}

function topOf(points: readonly TrailPoint[], threshold: number): number {
  const highest = Math.max(0, ...points.map(({ phi }) => phi));
  return Math.min(threshold * MAX_SHARE, Math.max(threshold * 1.15, highest * 1.1));
}
