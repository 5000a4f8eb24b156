/** Accepted writes of the config per half second, which shows when there was nobody to accept any. */
import type { Evidence } from "../evidence.ts";
import { isAccepted } from "../operation.ts";
import { element, text } from "./element.ts";
import { INK, LEFT, type Panel, QUIET, RIGHT, RULE, type TimeScale } from "./frame.ts";

const PLOT = 60;
const TITLE = 20;
const BIN_MS = 500;

export function writesPanel({ operations, durationMs }: Evidence, time: TimeScale): Panel {
  const counts = Array.from({ length: Math.ceil(durationMs / BIN_MS) }, () => 0);
  for (const operation of operations) {
    const bin = Math.floor(operation.returnedAtMs / BIN_MS);
    if (isAccepted(operation) && counts[bin] !== undefined) counts[bin]++;
  }
  const most = Math.max(1, ...counts);
  return {
    height: TITLE + PLOT + 8,
    draw(top) {
      const bottom = top + TITLE + PLOT;
      const perSecond = Math.round((most * 1_000) / BIN_MS);
      return [
        text(LEFT, top + 13, "accepted config writes", { fill: INK, "font-weight": "600" }),
        text(LEFT - 10, top + TITLE + 8, `${perSecond}/s`, { "text-anchor": "end", fill: QUIET }),
        element("line", { x1: LEFT, x2: RIGHT, y1: bottom, y2: bottom, stroke: RULE }),
        ...counts.flatMap((count, index) => {
          if (count === 0) return [];
          const x = time.x(index * BIN_MS);
          const width = Math.max(1, time.x((index + 1) * BIN_MS) - x - 1);
          const height = (count / most) * PLOT;
          return [element("rect", { x, y: bottom - height, width, height, fill: "#7a93ac" })];
        }),
      ];
    },
  };
}
