/**
 * How the picture's parts are written, and what they look like: colours that are told apart by people who do not
 * see red and green as well (Okabe and Ito), and that are readable on a light ground and on a dark one. Where
 * there are more lines than colours, the dashes tell them apart.
 */

const COLORS = ["#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#8a8f98"];
const DASHES = ["", "6 3", "2 3"];

export const STYLE = `<style>
svg { font: 12px 'DejaVu Sans', 'Segoe UI', Helvetica, Arial, sans-serif }
.ground { fill: #ffffff } .ink { fill: #1f2933 } .quiet { fill: #5d6875 }
.rule { stroke: #e2e7ec } .lane { fill: #eef2f5; fill-opacity: .8 }
@media (prefers-color-scheme: dark) {
  .ground { fill: #14181d } .ink { fill: #e6eaee } .quiet { fill: #9aa5b1 }
  .rule { stroke: #2c343d } .lane { fill: #1f262d }
}
</style>`;

export function inkOf(index: number): string {
  return `stroke="${COLORS[index % COLORS.length]}"`;
}

/** With a space before it, or nothing. */
export function dashed(index: number): string {
  const dash = DASHES[Math.floor(index / COLORS.length) % DASHES.length];
  return dash === "" ? "" : ` stroke-dasharray="${dash}"`;
}

/** A point: full where the line is, hollow where it is dashed. */
export function circled(x: number, y: number, index: number): string {
  const color = COLORS[index % COLORS.length];
  const isHollow = index >= COLORS.length;
  const paint = isHollow ? `class="ground" stroke="${color}"` : `fill="${color}"`;
  return `<circle cx="${tenths(x)}" cy="${tenths(y)}" r="2.6" ${paint}/>`;
}

export function element(name: string, attributes: Readonly<Record<string, string | number>>) {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? tenths(value) : escape(value)}"`,
  );
  return `<${name}${written.join("")}/>`;
}

/** `attributes` is markup; `content` is not. */
export function text(x: number, y: number, content: string, attributes: string): string {
  return `<text x="${tenths(x)}" y="${tenths(y)}" ${attributes}>${escape(content)}</text>`;
}

export function escape(value: string): string {
  return value
    .replaceAll(/[\p{Cc}\p{Cs}]/gu, " ")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
