/** How exact the API's numbers are: more places than three would be noise, and long to read. */

export function seconds(ms: number): number {
  return Math.round(ms) / 1_000;
}

export function thousandths(value: number): number {
  return Math.round(value * 1_000) / 1_000;
}
