/** A JSON text in; its value out, with a way to say where a path is, or where the text is not JSON. */
import { scanJson, type WantedPaths } from "./_json_scan.ts";
import { LineIndex, type LinePosition } from "./_source_text.ts";
import type { ConfigPath, Fault } from "./errors.ts";

/** A text whose syntax was understood, or the first place where it was not. */
export type ParsedText =
  | {
      readonly ok: true;
      readonly value: unknown;
      /** What is wrong although the text has a value: a key that stands twice, for one. */
      readonly faults: readonly Fault[];
      /** Where each path is, or what is nearest around it. */
      readonly locate: (paths: readonly ConfigPath[]) => LinePosition[];
    }
  | { readonly ok: false; readonly message: string; readonly position: LinePosition };

export function parseJsonText(text: string): ParsedText {
  const scan = scanJson(text);
  if (!scan.ok) {
    const position = new LineIndex(text).at(scan.offset);
    return { ok: false, message: `is not valid JSON: ${scan.message}`, position };
  }
  return {
    ok: true,
    // The scan has seen that this cannot throw.
    value: JSON.parse(text) as unknown,
    faults: scan.duplicates.map((path) => ({ path, message: DUPLICATE_KEY })),
    locate: (paths) => locate(text, paths),
  };
}

export const DUPLICATE_KEY = "stands twice in the same object; remove one";

function locate(text: string, paths: readonly ConfigPath[]): LinePosition[] {
  const wanted: WantedPaths = { offset: -1, steps: new Map() };
  for (const path of paths) {
    let at = wanted;
    for (const step of path) {
      const next = at.steps.get(step) ?? { offset: -1, steps: new Map() };
      at.steps.set(step, next);
      at = next;
    }
  }
  scanJson(text, wanted);
  const lines = new LineIndex(text);
  return paths.map((path) => lines.at(offsetOf(wanted, path)));
}

/** Of the place itself, or of the nearest one around it that the text has. */
function offsetOf(wanted: WantedPaths, path: ConfigPath): number {
  let at = wanted;
  for (const step of path) {
    const next = at.steps.get(step);
    if (next === undefined || next.offset < 0) break;
    at = next;
  }
  return Math.max(at.offset, 0);
}
