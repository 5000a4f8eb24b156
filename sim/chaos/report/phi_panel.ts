/**
 * What one monitor saw: φ of every target over time, cut off above where it makes no difference any more;
 * when it led, when it was silent; and beneath, a strip for each target's verdict.
 */
import type { Evidence } from "../evidence.ts";
import { SUSPECT_PHI, THRESHOLD } from "../readiness.ts";
import type { Sample } from "../recording.ts";
import type { Verdict } from "../../../src/verdict/mod.ts";
import { element, type Markup, tenths, text } from "./element.ts";
import { INK, LEFT, type Panel, QUIET, RIGHT, RULE, targetColor, type TimeScale } from "./frame.ts";

const PLOT = 120;
/** Between the plot and the strips. */
const BELOW = 8;
const STRIP = 6;
const TITLE = 26;
const GAP = 22;
/** φ above this is drawn as this. */
const TOP_PHI = 1.25 * THRESHOLD;
/** Without a sample for so long a line is broken, and the time is shown as silence. */
const SILENT_MS = 1_500;

const VERDICT_COLORS: Readonly<Record<Verdict, string>> = {
  unknown: "#cbd3db",
  up: "#cfe8da",
  suspect: "#f2b134",
  down: "#c0271a",
};

export function phiPanel(monitor: string, evidence: Evidence, time: TimeScale): Panel {
  const samples = evidence.recording.samples.filter((sample) => sample.monitor === monitor);
  const { targets, durationMs } = evidence;
  return {
    height: TITLE + PLOT + BELOW + targets.length * (STRIP + 1) + GAP,
    draw(top) {
      const plotTop = top + TITLE;
      const stripsTop = plotTop + PLOT + BELOW;
      return [
        text(LEFT, top + 13, monitor, { fill: INK, "font-weight": "600" }),
        ...leading(monitor, samples, time, top),
        ...grid(plotTop),
        ...silences(samples, durationMs, time, plotTop),
        ...targets.flatMap((target, index) => line(target, index, samples, time, plotTop)),
        ...targets.flatMap((target, index) =>
          strip(target, index, samples, time, stripsTop + index * (STRIP + 1)),
        ),
      ];
    },
  };
}

function y(phi: number, plotTop: number): number {
  return plotTop + PLOT * (1 - Math.min(phi, TOP_PHI) / TOP_PHI);
}

function grid(plotTop: number): Markup[] {
  const levels: [number, string, string][] = [
    [0, "φ 0", RULE],
    [SUSPECT_PHI, `suspect ${SUSPECT_PHI}`, "#d9a441"],
    [THRESHOLD, `down ${THRESHOLD}`, "#c0271a"],
  ];
  return levels.flatMap(([phi, label, stroke]) => {
    const at = y(phi, plotTop);
    const dashes = phi === 0 ? {} : { "stroke-dasharray": "4 4" };
    return [
      element("line", { x1: LEFT, x2: RIGHT, y1: at, y2: at, stroke, ...dashes }),
      text(LEFT - 10, at + 4, label, { "text-anchor": "end", fill: QUIET }),
    ];
  });
}

/** Runs of samples with no long pause in between; the times of the pauses are the rest. */
function runsOf(samples: readonly Sample[]): Sample[][] {
  const runs: Sample[][] = [];
  for (const sample of samples) {
    const run = runs.at(-1);
    const last = run?.at(-1);
    if (run !== undefined && last !== undefined && sample.atMs - last.atMs <= SILENT_MS) {
      run.push(sample);
    } else {
      runs.push([sample]);
    }
  }
  return runs;
}

function line(
  target: string,
  index: number,
  samples: readonly Sample[],
  time: TimeScale,
  plotTop: number,
): Markup[] {
  return runsOf(samples).map((run) => {
    const points = run.flatMap(({ atMs, targets }) => {
      const seen = targets.find(({ name }) => name === target);
      return seen === undefined ? [] : [`${tenths(time.x(atMs))},${tenths(y(seen.phi, plotTop))}`];
    });
    const stroke = targetColor(index);
    const style = { fill: "none", stroke, "stroke-width": "1.6", "stroke-linejoin": "round" };
    return element("polyline", { points: points.join(" "), ...style });
  });
}

function strip(
  target: string,
  index: number,
  samples: readonly Sample[],
  time: TimeScale,
  top: number,
): Markup[] {
  const mark = { x: LEFT - 16, y: top, width: 10, height: STRIP, fill: targetColor(index) };
  const blocks = runsOf(samples).flatMap((run) => {
    const rects: Markup[] = [];
    let begin = 0;
    for (let place = 1; place <= run.length; place++) {
      const before = verdictOf(run[begin]!, target);
      const now = place < run.length ? verdictOf(run[place]!, target) : undefined;
      if (place < run.length && now === before) continue;
      const x = time.x(run[begin]!.atMs);
      const width = time.x(run[Math.min(place, run.length - 1)]!.atMs) - x;
      if (before !== undefined) {
        const fill = VERDICT_COLORS[before];
        rects.push(element("rect", { x, y: top, width, height: STRIP, fill }));
      }
      begin = place;
    }
    return rects;
  });
  return [element("rect", mark), ...blocks];
}

function verdictOf({ targets }: Sample, target: string): Verdict | undefined {
  return targets.find(({ name }) => name === target)?.verdict;
}

/** When it called itself the leader. */
function leading(
  monitor: string,
  samples: readonly Sample[],
  time: TimeScale,
  top: number,
): Markup[] {
  return runsOf(samples.filter(({ leader }) => leader === monitor)).flatMap((run) => {
    const x = time.x(run[0]!.atMs);
    const width = Math.max(2, time.x(run.at(-1)!.atMs) - x);
    const bar = { x, y: top + TITLE - 9, width, height: 3, fill: INK };
    const labelX = Math.max(x, LEFT + 80);
    const isRoomy = time.x(run.at(-1)!.atMs) - labelX > 40;
    const label = text(labelX, top + 13, "leads", { fill: QUIET });
    return isRoomy ? [element("rect", bar), label] : [element("rect", bar)];
  });
}

function silences(
  samples: readonly Sample[],
  durationMs: number,
  time: TimeScale,
  plotTop: number,
): Markup[] {
  const edges = [0, ...samples.map(({ atMs }) => atMs), durationMs];
  return edges.flatMap((atMs, index) => {
    const next = edges[index + 1] ?? atMs;
    if (next - atMs <= SILENT_MS) return [];
    const x = time.x(atMs);
    const width = time.x(next) - x;
    const middle = { "text-anchor": "middle", fill: QUIET };
    return [
      element("rect", { x, y: plotTop, width, height: PLOT, fill: "url(#silent)" }),
      ...(width > 60 ? [text(x + width / 2, plotTop + PLOT / 2 + 4, "silent", middle)] : []),
    ];
  });
}
