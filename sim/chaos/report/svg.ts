/**
 * A run as a picture: what was done on top, then φ of every target as each monitor saw it, the writes that
 * were accepted, and what came of it in words. One file without scripts, on a light ground.
 */
import type { Evidence } from "../evidence.ts";
import type { Finding } from "../judge/finding.ts";
import type { RunResult } from "../run_scenario.ts";
import { element, type Markup, text } from "./element.ts";
import { faultBands, faultLanes } from "./fault_lanes.ts";
import {
  INK,
  LEFT,
  type Panel,
  QUIET,
  RIGHT,
  RULE,
  targetColor,
  TimeScale,
  WIDTH,
} from "./frame.ts";
import { phiPanel } from "./phi_panel.ts";
import { writesPanel } from "./writes_panel.ts";

const FONT = "'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif";

/** More lines than these nobody tells apart; those of a fleet look alike. */
const DRAWN_TARGETS = 10;

export function svgReport(result: RunResult): string {
  const { findings } = result;
  const evidence = {
    ...result.evidence,
    targets: result.evidence.targets.slice(0, DRAWN_TARGETS),
  };
  const time = new TimeScale(evidence.durationMs);
  const panels = [
    heading(evidence),
    faultLanes(evidence.faults, time),
    ...evidence.monitors.map((monitor) => phiPanel(monitor, evidence, time)),
    writesPanel(evidence, time),
    timeAxis(time),
    conclusion(findings),
  ];
  let top = 0;
  const tops = panels.map(({ height }) => (top += height) - height);
  // From the end of the lanes to the axis.
  const [bandsTop, axisTop] = [tops[2]!, tops.at(-2)!];
  const content = [
    definitions(),
    element("rect", { width: WIDTH, height: top, fill: "#ffffff" }),
    ...faultBands(evidence.faults, time, bandsTop, axisTop - bandsTop),
    ...panels.flatMap((panel, index) => panel.draw(tops[index]!)),
  ];
  const size = { width: WIDTH, height: top, viewBox: `0 0 ${WIDTH} ${Math.ceil(top)}` };
  const font = { "font-family": FONT, "font-size": "12" };
  const svg = element("svg", { xmlns: "http://www.w3.org/2000/svg", ...size, ...font }, content);
  return `${svg.markup}\n`;
}

function definitions(): Markup {
  const stripe = element("path", { d: "M0 8 L8 0", stroke: "#c3ccd5", "stroke-width": "1.5" });
  const box = { width: 8, height: 8, patternUnits: "userSpaceOnUse" };
  return element("defs", {}, [element("pattern", { id: "silent", ...box }, [stripe])]);
}

function heading(evidence: Evidence): Panel {
  const { scenario, summary, runner, size, beganWallMs, seed, targets } = evidence;
  const when = new Date(beganWallMs).toISOString().replace(/\.\d+Z$/u, "Z");
  const facts = `${size.monitors} monitors and ${size.servers} servers as ${runner}, ${when}, seed ${seed}`;
  return {
    height: 92,
    draw: (top) => [
      text(LEFT, top + 32, scenario, { "font-size": "20", "font-weight": "600", fill: INK }),
      text(LEFT, top + 52, `${summary}; ${facts}`, { fill: QUIET }),
      ...targets.flatMap((target, index) => {
        const x = LEFT + index * 100;
        const line = { x1: x, x2: x + 18, y1: top + 70, y2: top + 70, "stroke-width": "3" };
        return [
          element("line", { ...line, stroke: targetColor(index) }),
          text(x + 24, top + 74, target, { fill: INK }),
        ];
      }),
    ],
  };
}

function timeAxis(time: TimeScale): Panel {
  return {
    height: 34,
    draw: (top) => [
      element("line", { x1: LEFT, x2: RIGHT, y1: top, y2: top, stroke: RULE }),
      ...time.ticksMs().flatMap((atMs) => {
        const x = time.x(atMs);
        return [
          element("line", { x1: x, x2: x, y1: top, y2: top + 5, stroke: QUIET }),
          text(x, top + 18, `${atMs / 1_000} s`, { "text-anchor": "middle", fill: QUIET }),
        ];
      }),
    ],
  };
}

const LINE = 19;
/** More does not fit in a line. */
const MAX_LETTERS = 150;

const MET = ["ok", "#1b7f4b"] as const;
const UNMET = ["not ok", "#c0271a"] as const;
const UNKNOWN = ["?", "#9a6700"] as const;

function conclusion(findings: readonly Finding[]): Panel {
  return {
    height: findings.length * LINE + 24,
    draw: (top) =>
      findings.flatMap(({ claim, isMet, measured }, index) => {
        const y = top + 14 + index * LINE;
        const whole = `${claim}: ${measured}`;
        const shown = whole.length > MAX_LETTERS ? `${whole.slice(0, MAX_LETTERS - 1)}…` : whole;
        const [word, color] = isMet === null ? UNKNOWN : isMet ? MET : UNMET;
        const mark = { "text-anchor": "end", "font-weight": "600", fill: color };
        return [
          text(LEFT - 10, y, word, mark),
          text(LEFT, y, shown, { fill: isMet === true ? INK : color }),
        ];
      }),
  };
}
