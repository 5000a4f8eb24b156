/**
 * All chance of a simulated run: a generator (xoshiro128**) whose state comes from a seed and a name.
 * Each concern (the network, each disk, each client) has a fork of its own, so that one more draw in
 * one place leaves what all others draw as it was, and a seed goes on telling the same story.
 */
export class Random {
  readonly #seed: number;
  readonly #name: string;
  #state0: number;
  #state1: number;
  #state2: number;
  #state3: number;

  /** `seed` is a whole number in 0..2^53-1. */
  constructor(seed: number, name = "") {
    this.#seed = seed;
    this.#name = name;
    let mixed = (seed >>> 0) ^ Math.imul(Math.floor(seed / 2 ** 32), 0x85ebca6b);
    for (let place = 0; place < name.length; place++) {
      mixed = Math.imul(mixed ^ name.charCodeAt(place), 0x01000193);
    }
    const next = () => {
      mixed = (mixed + 0x9e3779b9) | 0;
      let word = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
      word = Math.imul(word ^ (word >>> 15), 0x735a2d97);
      return word ^ (word >>> 15);
    };
    this.#state0 = next();
    this.#state1 = next();
    this.#state2 = next();
    this.#state3 = next() | 1;
  }

  /** A generator of its own, that depends on this one's seed and names but not on what it has drawn. */
  fork(name: string): Random {
    return new Random(this.#seed, `${this.#name}/${name}`);
  }

  /** 32 random bits, as 0..2^32-1. */
  bits(): number {
    const scrambled = Math.imul(this.#state1, 5);
    const result = Math.imul((scrambled << 7) | (scrambled >>> 25), 9) >>> 0;
    const shifted = this.#state1 << 9;
    this.#state2 ^= this.#state0;
    this.#state3 ^= this.#state1;
    this.#state1 ^= this.#state2;
    this.#state0 ^= this.#state3;
    this.#state2 ^= shifted;
    this.#state3 = (this.#state3 << 11) | (this.#state3 >>> 21);
    return result;
  }

  /** In [0, 1). */
  fraction(): number {
    return this.bits() / 2 ** 32;
  }

  /** A whole number in 0..limit-1. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A whole number in low..high. */
  between(low: number, high: number): number {
    return low + this.below(high - low + 1);
  }

  chance(probability: number): boolean {
    return this.fraction() < probability;
  }

  /** One of `choices`, which has at least one. */
  pick<Choice>(choices: readonly Choice[]): Choice {
    const choice = choices[this.below(choices.length)];
    if (choice === undefined) throw new RangeError("Cannot pick: there is nothing to pick from");
    return choice;
  }

  shuffled<Item>(items: readonly Item[]): Item[] {
    const drawn: Item[] = [];
    for (const item of items) {
      const place = this.below(drawn.length + 1);
      drawn.splice(place, 0, item);
    }
    return drawn;
  }
}
