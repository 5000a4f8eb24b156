/** The ground truth on top of the chart: a bar for each fault, from when to when, with what it was. */
import { describeFault, type Fault, isOfServers } from "../faults.ts";
import { element, type Markup, text } from "./element.ts";
import { LEFT, type Panel, QUIET, RIGHT, type TimeScale } from "./frame.ts";

const LANE = 22;
/** About so wide is a letter of the labels. */
const LETTER = 6.4;

export function faultColor(fault: Fault): string {
  return isOfServers(fault) ? "#b42318" : "#5b4b8a";
}

export function faultLanes(faults: readonly Fault[], time: TimeScale): Panel {
  return {
    height: faults.length * LANE + 10,
    draw: (top) => [
      text(LEFT - 10, top + 15, "faults", { "text-anchor": "end", fill: QUIET }),
      ...faults.flatMap((fault, index) => lane(fault, top + index * LANE, time)),
    ],
  };
}

/** A tint over all panels below, so that what is seen stands against what was done. */
export function faultBands(
  faults: readonly Fault[],
  time: TimeScale,
  top: number,
  height: number,
): Markup[] {
  return faults.map((fault) => {
    const x = time.x(fault.fromMs);
    const width = time.x(fault.untilMs ?? Infinity) - x;
    const fill = faultColor(fault);
    return element("rect", { x, y: top, width, height, fill, "fill-opacity": "0.07" });
  });
}

function lane(fault: Fault, top: number, time: TimeScale): Markup[] {
  const x = time.x(fault.fromMs);
  const end = time.x(fault.untilMs ?? Infinity);
  const fill = faultColor(fault);
  const label = describeFault(fault);
  // Beside the bar where there is room, else before it.
  const isAfter = end + 6 + label.length * LETTER < RIGHT;
  const place: [number, string] = isAfter ? [end + 6, "start"] : [x - 6, "end"];
  return [
    element("rect", { x, y: top + 4, width: Math.max(2, end - x), height: LANE - 8, rx: 3, fill }),
    text(place[0], top + 15, label, { "text-anchor": place[1], fill }),
  ];
}
