/**
 * The arithmetic of suspicion: how long a silence is, in standard deviations past the expected
 * gap, goes in; φ comes out; and the way back. No state, no history, no clock. The idea: φ is the
 * number of nines of "this heartbeat should have come by now", φ = -log10 P(a gap is longer than
 * t), with the tail of a normal distribution written as a logistic curve, 1 / (1 + e^g(y)).
 * Evaluated as it is written, that tail underflows some 21 standard deviations out and φ becomes
 * Infinity; here everything stays in the logarithm, where nothing is ever too small.
 *
 * φ accrual, Hayashibara et al. 2004; g(y) as in Akka's detector.
 */

/** φ over standard deviations past the expected gap. */
export interface DeviationCurve {
  /** Rising, in [0, Number.MAX_VALUE]; any deviation but NaN. */
  phiAtDeviation(deviation: number): number;
  /** The inverse, up to rounding: -Infinity for 0 and below, Infinity beyond what φ can be. */
  deviationAtPhi(phi: number): number;
}

/** The tail of a normal distribution as Akka writes it. */
export const AKKA_CURVE: DeviationCurve = { phiAtDeviation, deviationAtPhi };

const LINEAR_WEIGHT = 1.5976;
const CUBIC_WEIGHT = 0.070566;

/**
 * φ of a silence of `elapsedMs` after gaps with this mean and standard deviation:
 * y = (t - mean) / sd, g(y) = y (1.5976 + 0.070566 y²), φ = log10(1 + e^g).
 * An acceptable pause is part of the mean. The result is in [0, Number.MAX_VALUE], and 0.301 where
 * the silence is the mean. It rises with the silence and is accurate for any, both up to rounding
 * in the last places.
 *
 * ```ts
 * phiOf(1200, 1000, 100); // 1.6: about one gap in 40 is that long
 * ```
 *
 * @throws {RangeError} If an argument is not finite, or the standard deviation is not above 0.
 */
export function phiOf(elapsedMs: number, meanMs: number, stdDevMs: number): number {
  requireFinite("elapsedMs", elapsedMs);
  requireFinite("meanMs", meanMs);
  requireFinite("stdDevMs", stdDevMs);
  if (stdDevMs <= 0) {
    throw new RangeError(`Cannot compute phi: "stdDevMs" must be > 0, received ${stdDevMs}`);
  }
  return phiAtDeviation((elapsedMs - meanMs) / stdDevMs);
}

/** φ at `y` standard deviations past the expected gap. In [0, Number.MAX_VALUE]; any `y` but NaN. */
export function phiAtDeviation(y: number): number {
  const g = logOdds(y);
  // log(1 + e^g) with the large part taken out, so that neither e^g nor e^-g can overflow.
  const nats = g > 0 ? g + Math.log1p(Math.exp(-g)) : Math.log1p(Math.exp(g));
  return Math.min(nats / Math.LN10, Number.MAX_VALUE);
}

/** The last answer of `deviationAtPhi`: most targets are asked about the same few levels. */
let lastPhi = 0;
let lastDeviation = -Infinity;

/**
 * The inverse of `phiAtDeviation`: how many standard deviations past the expected gap φ is `phi`.
 * Exact up to rounding; -Infinity for 0 and below, Infinity beyond what φ can be.
 */
export function deviationAtPhi(phi: number): number {
  if (phi !== lastPhi) {
    lastDeviation = phi > 0 ? solveForDeviation(phi * Math.LN10) : -Infinity;
    lastPhi = phi;
  }
  return lastDeviation;
}

/** The y for which ln(1 + e^g(y)) is `nats`, which is above 0. */
function solveForDeviation(nats: number): number {
  // e^g = e^nats - 1, from whichever side does not lose the difference.
  const g = nats > 1 ? nats + Math.log1p(-Math.exp(-nats)) : Math.log(Math.expm1(nats));
  // The one real root of y³ + p y = q (p > 0), by sinh 3θ = 3 sinh θ + 4 sinh³ θ.
  const p = LINEAR_WEIGHT / CUBIC_WEIGHT;
  const q = g / CUBIC_WEIGHT;
  const scale = 2 * Math.sqrt(p / 3);
  return scale * Math.sinh(Math.asinh((3 * q) / (p * scale)) / 3);
}

/** ln of the odds that the heartbeat should have come by now. Rises with `y` everywhere. */
function logOdds(y: number): number {
  return y * (LINEAR_WEIGHT + CUBIC_WEIGHT * y * y);
}

function requireFinite(name: string, value: number): void {
  if (!Number.isFinite(value)) {
    throw new RangeError(`Cannot compute phi: "${name}" must be finite, received ${value}`);
  }
}
