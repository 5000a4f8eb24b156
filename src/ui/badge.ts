/**
 * A small picture of one target's verdict, for a wiki or a dashboard: a name and a verdict in, SVG out. It is as wide
 * for one verdict as for another, so that a page of somebody else's that shows it learns nothing by measuring it.
 */
import type { CombinedVerdict } from "../verdict/mod.ts";
import { SIGNS } from "./words.ts";

/** Dark enough for white text on them (4.5 to 1), and told apart with any colour vision. */
const GROUNDS: Readonly<Record<CombinedVerdict | "not watched", string>> = {
  down: "#b03a00",
  partial: "#8b3a72",
  suspect: "#7d5800",
  unknown: "#57606a",
  up: "#006c51",
  "not watched": "#57606a",
};

const HEIGHT = 20;
const VERDICT_WIDTH = 92;
/** Of a character of 11 px, on the safe side; the text is then stretched to what was reserved. */
const CHARACTER_WIDTH = 7;
const MAX_NAME_LENGTH = 40;

/** `verdict` is null for a target that is not watched. */
export function renderBadge(name: string, verdict: CombinedVerdict | null): string {
  const said = verdict === null ? "not watched" : `${SIGNS[verdict]} ${verdict}`;
  const label = escapeXml(`${name}: ${verdict ?? "not watched"}`);
  const shown = name.length > MAX_NAME_LENGTH ? `${name.slice(0, MAX_NAME_LENGTH - 1)}…` : name;
  const nameWidth = shown.length * CHARACTER_WIDTH + 12;
  const width = nameWidth + VERDICT_WIDTH;
  const ground = GROUNDS[verdict ?? "not watched"];
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${HEIGHT}" viewBox="0 0 ${width} ${HEIGHT}" role="img" aria-label="${label}"><title>${label}</title>
<rect width="${width}" height="${HEIGHT}" rx="4" fill="#2b333b"/>
<path d="M${nameWidth} 0h${VERDICT_WIDTH - 4}a4 4 0 0 1 4 4v${HEIGHT - 8}a4 4 0 0 1-4 4H${nameWidth}z" fill="${ground}"/>
<g fill="#fff" font-family="DejaVu Sans,Verdana,sans-serif" font-size="11" text-anchor="middle">
<text x="${nameWidth / 2}" y="14" textLength="${nameWidth - 12}" lengthAdjust="spacingAndGlyphs">${escapeXml(shown)}</text>
<text x="${nameWidth + VERDICT_WIDTH / 2}" y="14" font-weight="bold">${escapeXml(said)}</text></g></svg>
`;
}

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Safe between tags and between quotes of an attribute; what XML cannot say at all is left out. */
function escapeXml(text: string): string {
  return text
    .replaceAll(/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/gu, "")
    .replaceAll(/[&<>"']/g, (character) => ESCAPES[character]!);
}
