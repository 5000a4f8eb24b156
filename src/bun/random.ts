/** Chance, from the runtime. Not for secrets. */
import type { Random } from "../port.ts";

export const bunRandom: Random = () => Math.random();
