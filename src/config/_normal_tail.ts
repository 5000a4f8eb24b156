/**
 * How surprising something so far out is under a normal distribution: -log10 of the tail beyond it. It stands
 * here a second time, because a config has to be judged where there is no detector.
 */

const HALF_LN_TWO_PI = Math.log(2 * Math.PI) / 2;

/** -log10 P(X > y), for y standard deviations past the mean. */
export function normalPhi(y: number): number {
  if (y < 0) return -Math.log1p(-Math.exp(logTail(-y))) / Math.LN10;
  return Math.min(-logTail(y) / Math.LN10, Number.MAX_VALUE);
}

/** ln P(X > y) for y >= 0: the density's logarithm, and that of the Mills ratio. */
function logTail(y: number): number {
  return Math.log(y < 2 ? millsBySeries(y) : millsByFraction(y)) - HALF_LN_TWO_PI - (y * y) / 2;
}

/** Half the density's inverse, less y + y³/3 + y⁵/(3·5) + ... */
function millsBySeries(y: number): number {
  let [term, sum] = [y, y];
  for (let odd = 3; term > Number.EPSILON * sum; odd += 2) {
    term *= (y * y) / odd;
    sum += term;
  }
  return Math.exp(HALF_LN_TWO_PI + (y * y) / 2) / 2 - sum;
}

/** 1 / (y + 1 / (y + 2 / (y + ...))), from a level up that is enough from y = 2 on. */
function millsByFraction(y: number): number {
  let tail = y;
  for (let level = 200; level >= 1; level--) tail = y + level / tail;
  return 1 / tail;
}
