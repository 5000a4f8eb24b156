/** Colours of a terminal, or none: text in, text out. A colour is never the only sign of anything. */
import type { CombinedVerdict } from "../../verdict/mod.ts";

export type Style = CombinedVerdict | "dim" | "bold" | "alarm";

export type Paint = (style: Style, text: string) => string;

export const PLAIN: Paint = (_style, text) => text;

/** Colours that a terminal maps to ones which can be read on its ground. */
const CODES: Readonly<Record<Style, string>> = {
  down: "1;31",
  partial: "1;35",
  suspect: "1;33",
  unknown: "2",
  up: "32",
  dim: "2",
  bold: "1",
  alarm: "1;7",
};

export const COLOURED: Paint = (style, text) =>
  text === "" ? "" : `\u001B[${CODES[style]}m${text}\u001B[0m`;
