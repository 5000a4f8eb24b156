/**
 * What a count of rare events says about their rate: a number of events in, the means of the Poisson
 * distributions that could well have given it out. Exact (Garwood's interval, by the gamma distribution that belongs to
 * it), also for a count of none, where every approximation by a normal distribution says nothing. It is
 * about independent events; those that come in bursts vary more than it says.
 */

export interface CountInterval {
  readonly low: number;
  readonly high: number;
}

/**
 * The interval that holds the mean number of events with this confidence (0.95 leaves out 2.5 % on each
 * side), after `count` of them were seen.
 */
export function poissonInterval(count: number, confidence = 0.95): CountInterval {
  const tail = (1 - confidence) / 2;
  return {
    low: count === 0 ? 0 : meanWhere((mean) => upperTail(count, mean), tail),
    high: poissonUpperBound(count, 1 - tail),
  };
}

/** The mean that is not exceeded with this confidence: 3.0 for none at 0.95, the "rule of three". */
export function poissonUpperBound(count: number, confidence = 0.95): number {
  return meanWhere((mean) => upperTail(count + 1, mean), confidence);
}

/** The mean at which a probability that rises with it reaches `share`. */
function meanWhere(probabilityAt: (mean: number) => number, share: number): number {
  let low = 0;
  let high = 1;
  while (probabilityAt(high) < share) high *= 2;
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (probabilityAt(middle) < share) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** P(at least `count` events) where `mean` are expected, count >= 1: the regularized gamma P(count, mean). */
function upperTail(count: number, mean: number): number {
  if (mean <= 0) return 0;
  const scale = Math.exp(count * Math.log(mean) - mean - logGamma(count + 1));
  return mean < count + 1
    ? scale * risingSum(count, mean)
    : 1 - scale * fallingFraction(count, mean);
}

/** Σ mean^i / ((count + 1) ... (count + i)). */
function risingSum(count: number, mean: number): number {
  let term = 1;
  let sum = 1;
  for (let divisor = count + 1; term > sum * Number.EPSILON; divisor++) {
    term *= mean / divisor;
    sum += term;
  }
  return sum;
}

/** count / (mean + 1 - count - 1 (1 - count) / (mean + 3 - count - ...)), from the front (Lentz). */
function fallingFraction(count: number, mean: number): number {
  let denominator = mean + 1 - count;
  let numerator = 1e300;
  let inverse = 1 / denominator;
  let value = inverse;
  for (let step = 1; step < 10_000; step++) {
    const weight = -step * (step - count);
    denominator += 2;
    inverse = 1 / (weight * inverse + denominator);
    numerator = denominator + weight / numerator;
    const factor = inverse * numerator;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return count * value;
}

/** ln Γ(x) for x >= 1 (Stirling's series, after climbing to where it is exact). */
function logGamma(x: number): number {
  let shift = 0;
  let climbed = x;
  while (climbed < 15) shift += Math.log(climbed++);
  const square = 1 / (climbed * climbed);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square / 1680))) / climbed;
  return (climbed - 0.5) * Math.log(climbed) - climbed + Math.log(2 * Math.PI) / 2 + series - shift;
}
