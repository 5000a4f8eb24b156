/**
 * The shapes of the heat map's cells. The more of a cell is filled the worse it is, so that it reads without
 * colour and at any size; what is in doubt is drawn hollow.
 */
import type { Cell } from "../words.ts";
import type { Theme } from "./theme.ts";

type Corner = readonly [x: number, y: number];

/** Draws one cell's shape with its left upper corner at 0, 0. */
export function drawCell(
  context: CanvasRenderingContext2D,
  cell: Cell,
  width: number,
  height: number,
  theme: Theme,
): void {
  const { verdict, isCounted } = cell;
  if (verdict === null) {
    context.fillStyle = theme.colour("dim");
    context.fillRect(width * 0.3, height / 2 - 0.5, width * 0.4, 1);
    return;
  }
  const colour = theme.colour(`${verdict}-fill`);
  context.fillStyle = colour;
  context.strokeStyle = colour;
  context.lineWidth = width < 12 ? 1 : 1.5;
  context.beginPath();
  if (verdict === "up") {
    const radius = Math.max(1.2, Math.min(width, height) * 0.17);
    context.arc(width / 2, height / 2, radius, 0, 2 * Math.PI);
  } else if (verdict === "unknown") {
    const side = Math.min(width, height) * 0.4;
    context.rect((width - side) / 2, (height - side) / 2, side, side);
    context.stroke();
    return;
  } else if (verdict === "suspect") {
    const size = Math.min(width, height) * 0.72;
    polygon(context, [
      [width / 2, (height - size) / 2],
      [(width + size) / 2, (height + size) / 2],
      [(width - size) / 2, (height + size) / 2],
    ]);
  } else context.rect(1, 1, width - 2, height - 2);
  if (isCounted) context.fill();
  else context.stroke();
  if (verdict === "down" && width >= 14) {
    context.strokeStyle = isCounted ? theme.colour("paper") : colour;
    drawCross(context, width, height);
  }
}

function drawCross(context: CanvasRenderingContext2D, width: number, height: number): void {
  const arm = Math.min(width, height) * 0.2;
  context.lineWidth = 2;
  context.beginPath();
  for (const side of [1, -1]) {
    context.moveTo(width / 2 - arm, height / 2 - side * arm);
    context.lineTo(width / 2 + arm, height / 2 + side * arm);
  }
  context.stroke();
}

function polygon(context: CanvasRenderingContext2D, corners: readonly Corner[]): void {
  for (const [at, [x, y]] of corners.entries()) {
    if (at === 0) context.moveTo(x, y);
    else context.lineTo(x, y);
  }
  context.closePath();
}
