/**
 * A fingerprint of a whole run: every event, message and effect is mixed in as it happens, so that
 * two runs of one seed that differ anywhere end with different hashes. Two lanes of 32 bits; made to
 * be cheap, not to resist anybody.
 */
export class TraceHash {
  #left = 0x811c9dc5 | 0;
  #right = 0x1b873593 | 0;
  #added = 0;

  /** How many numbers were mixed in. */
  get added(): number {
    return this.#added;
  }

  /** Mixes in a whole number; of a large one, its lower 32 bits and what is above them. */
  add(value: number): void {
    this.#added++;
    const low = value | 0;
    const high = (value / 2 ** 32) | 0;
    this.#left = mix(this.#left, low ^ high);
    this.#right = mix(this.#right, low + Math.imul(high, 0x27d4eb2f) + 0x165667b1);
  }

  addText(text: string): void {
    this.add(text.length);
    for (let place = 0; place < text.length; place++) this.add(text.charCodeAt(place));
  }

  addBytes(bytes: Uint8Array): void {
    this.add(hashOf(bytes));
  }

  /** 16 hexadecimal digits. */
  digest(): string {
    return hex(this.#left) + hex(this.#right);
  }
}

function hex(lane: number): string {
  return (lane >>> 0).toString(16).padStart(8, "0");
}

function mix(lane: number, value: number): number {
  const mixed = Math.imul(lane ^ value, 0x85ebca6b);
  return (mixed << 13) | (mixed >>> 19);
}

/** 32 bits that depend on every byte and its place. */
export function hashOf(bytes: Uint8Array, before = 0x811c9dc5): number {
  let hash = before | 0;
  for (const byte of bytes) hash = Math.imul(hash ^ byte, 0x01000193);
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}

/** As `hashOf`, of a text's code units. */
export function hashOfText(text: string, before = 0x811c9dc5): number {
  let hash = before | 0;
  for (let place = 0; place < text.length; place++) {
    hash = Math.imul(hash ^ text.charCodeAt(place), 0x01000193);
  }
  hash ^= hash >>> 15;
  return Math.imul(hash, 0x2c1b3c6d) >>> 0;
}
