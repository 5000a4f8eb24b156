/** Random numbers of the kinds that networks and schedulers give. */
import type { Random } from "../world/random.ts";

/** In (0, 1]: of which a logarithm can be taken. */
function positiveFraction(random: Random): number {
  return 1 - random.fraction();
}

/** Of the mean 0 and the standard deviation 1 (Box and Muller). */
export function normal(random: Random): number {
  const radius = Math.sqrt(-2 * Math.log(positiveFraction(random)));
  return radius * Math.cos(2 * Math.PI * random.fraction());
}

export function exponential(random: Random, mean: number): number {
  return -mean * Math.log(positiveFraction(random));
}

/** At least `least`; beyond x with the probability (least / x)^shape. Its variance is infinite up to a shape of 2. */
export function pareto(random: Random, least: number, shape: number): number {
  return least * positiveFraction(random) ** (-1 / shape);
}

/** Half of them are below `median`; the logarithm's standard deviation is `spread`. */
export function logNormal(random: Random, median: number, spread: number): number {
  return median * Math.exp(spread * normal(random));
}
