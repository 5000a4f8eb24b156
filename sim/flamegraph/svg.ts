/**
 * Draws a tree of frames as a flame graph: what is called stands on its caller, and a frame is as wide as
 * its share of the samples. One SVG without scripts: to hover over a frame shows its name, its place and its share.
 */
import type { FrameKind, FrameNode } from "./frame_tree.ts";

export interface FlameGraphOptions {
  readonly title: string;
  /** What is beneath it: how it was measured. */
  readonly subtitle: string;
}

const WIDTH = 1_200;
const MARGIN = 10;
const ROW_HEIGHT = 17;
const HEAD_HEIGHT = 74;
const CHARACTER_WIDTH = 6.7;
const TEXT_PADDING = 3;
/** What is narrower than this cannot be seen, nor can what stands on it. */
const LEAST_WIDTH = 0.3;

/** Each kind's hue, how far it varies from name to name, saturation and lightness. */
const COLOURS: Readonly<Record<FrameKind, readonly [number, number, number, number]>> = {
  thread: [0, 0, 0, 80],
  javascript: [24, 28, 90, 68],
  runtime: [0, 0, 0, 88],
  system: [150, 30, 30, 78],
  kernel: [205, 25, 55, 80],
};

const LEGEND: readonly (readonly [FrameKind, string])[] = [
  ["javascript", "JavaScript"],
  ["runtime", "Bun's own code"],
  ["system", "system libraries"],
  ["kernel", "kernel"],
];

export function drawFlameGraph(root: FrameNode, { title, subtitle }: FlameGraphOptions): string {
  const scale = (WIDTH - 2 * MARGIN) / Math.max(root.samples, 1);
  const rows = depthOf(root, LEAST_WIDTH / scale);
  const height = HEAD_HEIGHT + rows * ROW_HEIGHT + MARGIN;
  const frames: string[] = [];
  const draw = (node: FrameNode, x: number, row: number): void => {
    const width = node.samples * scale;
    if (width < LEAST_WIDTH) return;
    frames.push(drawFrame(node, x, height - MARGIN - (row + 1) * ROW_HEIGHT, width, root.samples));
    let calleeX = x;
    for (const callee of node.callees) {
      draw(callee, calleeX, row + 1);
      calleeX += callee.samples * scale;
    }
  };
  draw(root, MARGIN, 0);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" font-family="ui-monospace, 'DejaVu Sans Mono', Menlo, monospace" font-size="11">
<style>.frame rect { stroke: #fff; stroke-width: 0.5 } .frame:hover rect { stroke: #000; stroke-width: 1.5 } .frame text { pointer-events: none }</style>
<rect width="100%" height="100%" fill="#fff"/>
<text x="${MARGIN}" y="22" font-size="16">${escape(title)}</text>
<text x="${MARGIN}" y="40" fill="#555">${escape(subtitle)}</text>
${drawLegend()}
${frames.join("\n")}
</svg>
`;
}

function drawFrame(node: FrameNode, x: number, y: number, width: number, all: number): string {
  const { name, place, samples } = node;
  const share = ((100 * samples) / Math.max(all, 1)).toFixed(1);
  const where = place === undefined ? "" : ` (${place})`;
  const title = `${name}${where}: ${samples} samples, ${share} %`;
  const room = Math.floor((width - 2 * TEXT_PADDING) / CHARACTER_WIDTH);
  const text = shortened(name, room);
  const label =
    text === ""
      ? ""
      : `<text x="${round(x + TEXT_PADDING)}" y="${round(y + 12)}">${escape(text)}</text>`;
  return (
    `<g class="frame"><title>${escape(title)}</title><rect x="${round(x)}" y="${round(y)}" ` +
    `width="${round(width)}" height="${ROW_HEIGHT - 1}" rx="1.5" fill="${colourOf(node)}"/>${label}</g>`
  );
}

function colourOf({ name, kind }: FrameNode): string {
  const [hue, spread, saturation, lightness] = COLOURS[kind];
  return `hsl(${Math.round(hue + spread * fraction(name))}, ${saturation}%, ${lightness}%)`;
}

function drawLegend(): string {
  return LEGEND.map(([kind, what], place) => {
    const x = MARGIN + place * 160;
    const [hue, spread, saturation, lightness] = COLOURS[kind];
    const fill = `hsl(${hue + spread / 2}, ${saturation}%, ${lightness}%)`;
    return (
      `<rect x="${x}" y="50" width="12" height="12" fill="${fill}"/>` +
      `<text x="${x + 18}" y="60">${what}</text>`
    );
  }).join("\n");
}

/** Rows of frames that can be seen. */
function depthOf({ samples, callees }: FrameNode, leastSamples: number): number {
  if (samples < leastSamples) return 0;
  return 1 + Math.max(0, ...callees.map((callee) => depthOf(callee, leastSamples)));
}

function shortened(name: string, room: number): string {
  if (name.length <= room) return name;
  return room < 3 ? "" : `${name.slice(0, room - 1)}…`;
}

/** The same name has the same colour everywhere: 0 to 1. */
function fraction(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.codePointAt(0)!) % 65_521;
  return hash / 65_521;
}

function round(value: number): string {
  return String(Math.round(value * 100) / 100);
}

function escape(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
