/** φ of the last two minutes against its threshold, small: for a row of the list. */
import type { CombinedVerdict } from "../../verdict/mod.ts";
import type { TrailPoint } from "../live/trails.ts";
import { sizeCanvas, type Theme } from "./theme.ts";

export const SPARK_WIDTH = 120;
export const SPARK_HEIGHT = 30;
const SPAN_MS = 120_000;
/** The threshold stands so high; what is above is only "above". */
const THRESHOLD_SHARE = 0.8;
/** Answers that are further apart than this leave a gap: nobody knows what was between them. */
const GAP_MS = 5_000;

export interface Spark {
  readonly points: readonly TrailPoint[];
  readonly threshold: number;
  readonly suspectPhi: number;
  readonly verdict: CombinedVerdict;
  readonly nowMs: number;
}

export function drawSparkline(canvas: HTMLCanvasElement, spark: Spark, theme: Theme): void {
  const context = sizeCanvas(canvas, SPARK_WIDTH, SPARK_HEIGHT);
  if (context === null) return;
  const { points, threshold, suspectPhi, verdict, nowMs } = spark;
  const across = (atMs: number) => SPARK_WIDTH * (1 - (nowMs - atMs) / SPAN_MS);
  const down = (phi: number) => {
    const share = Math.min(1, (phi / threshold) * THRESHOLD_SHARE);
    return SPARK_HEIGHT - 1.5 - share * (SPARK_HEIGHT - 3);
  };
  context.lineWidth = 1;
  context.strokeStyle = theme.colour("down-fill");
  drawLevel(context, down(threshold), [5, 3]);
  context.strokeStyle = theme.colour("dim");
  drawLevel(context, down(suspectPhi), [1, 3]);
  context.lineWidth = 1.5;
  context.lineJoin = "round";
  context.strokeStyle = theme.colour(`${verdict}-fill`);
  context.beginPath();
  let lastMs = Number.NEGATIVE_INFINITY;
  for (const { atMs, phi } of points) {
    const x = across(atMs);
    if (x < -10) continue;
    if (atMs - lastMs > GAP_MS) context.moveTo(x, down(phi));
    else context.lineTo(x, down(phi));
    lastMs = atMs;
  }
  context.stroke();
}

function drawLevel(context: CanvasRenderingContext2D, y: number, dashes: number[]): void {
  context.beginPath();
  context.setLineDash(dashes);
  context.moveTo(0, Math.round(y) + 0.5);
  context.lineTo(SPARK_WIDTH, Math.round(y) + 0.5);
  context.stroke();
  context.setLineDash([]);
}
