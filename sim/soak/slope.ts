/** How a figure moves over time: samples in, what a straight line through them says out. */

export interface Sample {
  /** Hours since the beginning. */
  readonly hours: number;
  readonly value: number;
}

export interface Slope {
  /** Per hour, by least squares. */
  readonly perHour: number;
  /** Half the width of its 95 % interval, if the samples were independent; they are not, so it is rather more. */
  readonly uncertainty: number;
  readonly first: number;
  readonly last: number;
  readonly highest: number;
}

/** Of at least three samples at different times. Throws RangeError for fewer. */
export function slopeOf(samples: readonly Sample[]): Slope {
  const count = samples.length;
  const meanHours = mean(samples.map(({ hours }) => hours));
  const meanValue = mean(samples.map(({ value }) => value));
  const spread = samples.reduce((sum, { hours }) => sum + (hours - meanHours) ** 2, 0);
  if (count < 3 || spread === 0) throw new RangeError("Cannot fit a line: too few samples");
  const perHour =
    samples.reduce((sum, { hours, value }) => sum + (hours - meanHours) * (value - meanValue), 0) /
    spread;
  const residual = samples.reduce(
    (sum, { hours, value }) => sum + (value - meanValue - perHour * (hours - meanHours)) ** 2,
    0,
  );
  return {
    perHour,
    uncertainty: 1.96 * Math.sqrt(residual / (count - 2) / spread),
    first: samples[0]!.value,
    last: samples.at(-1)!.value,
    highest: Math.max(...samples.map(({ value }) => value)),
  };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
