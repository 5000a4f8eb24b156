/**
 * The tail of the normal distribution, in the logarithm: standard deviations past the expected gap go
 * in, φ = -log10 Q(y) comes out, and the way back. No state but a table of constants. Q itself
 * underflows 38 standard deviations out; its logarithm is -y²/2 plus that of the Mills ratio
 * R(y) = Q(y) / density(y), which is tame. R is kept as Taylor series about the points of a grid, made
 * when first asked from its continued fraction 1 / (y + 1 / (y + 2 / (y + ...))) and from R' = yR - 1;
 * beyond the grid the fraction is short enough to be evaluated.
 */

import type { DeviationCurve } from "./suspicion.ts";

/** The tail of a normal distribution as it is. */
export const NORMAL_CURVE: DeviationCurve = {
  phiAtDeviation: normalPhi,
  deviationAtPhi: normalDeviationAtPhi,
};

const HALF_LN_TWO_PI = Math.log(2 * Math.PI) / 2;

/** Of the grid: 0, 1/16, ... 8. So no y is further from a point than 1/32. */
const POINTS_PER_UNIT = 16;
const LAST_POINT = 8;
const TERMS = 9;

/** Levels of the fraction that are enough from `LAST_POINT` on; on the grid, where it is slow, far more. */
const LEVELS_BEYOND_GRID = 20;
const LEVELS_ON_GRID = 200;
const LEVELS_FROM = 2;

let millsSeries: Float64Array | undefined;

/** φ at `y` standard deviations past the expected gap. In [0, Number.MAX_VALUE]; any `y` but NaN. */
export function normalPhi(y: number): number {
  if (y < 0) {
    const tail = millsRatio(-y) * Math.exp((-y * y) / 2 - HALF_LN_TWO_PI);
    return -Math.log1p(-tail) / Math.LN10;
  }
  return Math.min(-normalLogTail(y) / Math.LN10, Number.MAX_VALUE);
}

/** The last answer of `normalDeviationAtPhi`: most targets are asked about the same few levels. */
let lastPhi = 0;
let lastDeviation = -Infinity;

/** The inverse of `normalPhi`, up to rounding; -Infinity for 0 and below. */
export function normalDeviationAtPhi(phi: number): number {
  if (phi !== lastPhi) {
    lastDeviation = phi > 0 ? solveForDeviation(phi * Math.LN10) : -Infinity;
    lastPhi = phi;
  }
  return lastDeviation;
}

/** The y for which -ln Q(y) is `nats`, which is above 0. */
function solveForDeviation(nats: number): number {
  if (nats < Math.LN2) {
    // Below the mean Q is near 1, and it is the other tail's logarithm that says how near.
    return -solveForDeviation(-Math.log(-Math.expm1(-nats)));
  }
  if (nats === Infinity) return Infinity;
  // Q(y) <= e^(-y²/2) / 2 starts beyond the root, and as ln Q falls ever faster, no step gets before it.
  let y = Math.sqrt(2 * (nats - Math.LN2));
  for (let step = 0; step < 50; step++) {
    const next = y + (nats + normalLogTail(y)) * millsRatio(y);
    if (!(Math.abs(next - y) > Number.EPSILON * y)) return next;
    y = Math.max(next, 0);
  }
  return y;
}

/** ln Q(y) for y >= 0. */
function normalLogTail(y: number): number {
  return Math.log(millsRatio(y)) - HALF_LN_TWO_PI - (y * y) / 2;
}

/** R(y) for y >= 0. */
function millsRatio(y: number): number {
  if (y >= LAST_POINT) return millsFraction(y, LEVELS_BEYOND_GRID);
  const series = (millsSeries ??= makeMillsSeries());
  const point = Math.round(y * POINTS_PER_UNIT);
  const offset = y - point / POINTS_PER_UNIT;
  const first = point * TERMS;
  let sum = 0;
  for (let term = TERMS - 1; term >= 0; term--) sum = sum * offset + series[first + term]!;
  return sum;
}

function makeMillsSeries(): Float64Array {
  const pointCount = LAST_POINT * POINTS_PER_UNIT + 1;
  const series = new Float64Array(pointCount * TERMS);
  for (let point = 0; point < pointCount; point++) {
    const y = point / POINTS_PER_UNIT;
    const first = point * TERMS;
    const ratio = y < LEVELS_FROM ? millsBySeries(y) : millsFraction(y, LEVELS_ON_GRID);
    series[first] = ratio;
    series[first + 1] = y * ratio - 1;
    // The n-th derivative of R' = yR - 1, with the factorials of the series taken in.
    for (let n = 1; n + 1 < TERMS; n++) {
      series[first + n + 1] = (y * series[first + n]! + series[first + n - 1]!) / (n + 1);
    }
  }
  return series;
}

/** Near the mean: half the density's inverse, less y + y³/3 + y⁵/(3·5) + ... */
function millsBySeries(y: number): number {
  let term = y;
  let sum = y;
  for (let odd = 3; term > Number.EPSILON * sum * 0.01; odd += 2) {
    term *= (y * y) / odd;
    sum += term;
  }
  return Math.exp(HALF_LN_TWO_PI + (y * y) / 2) / 2 - sum;
}

/** The continued fraction from its `levels`-th level up. */
function millsFraction(y: number, levels: number): number {
  let tail = y;
  for (let level = levels; level >= 1; level--) tail = y + level / tail;
  return 1 / tail;
}
