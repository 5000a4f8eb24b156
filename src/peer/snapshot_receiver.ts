/** Puts the chunks of one snapshot together. It makes room for what has come, not for what is promised. */
import { FieldReader } from "./fields.ts";
import type { Frame } from "./frame.ts";

export type SnapshotStep =
  | { readonly kind: "more" }
  /** All of it, in one piece. */
  | { readonly kind: "whole"; readonly bytes: Uint8Array }
  | { readonly kind: "refused"; readonly detail: string };

export class SnapshotReceiver {
  readonly #maxBytes: number;
  /** What the first frame said; undefined before it. */
  #totalBytes: number | undefined;
  #bytes = new Uint8Array();
  /** Invariant: <= #totalBytes. */
  #filledBytes = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  take({ kind, payload }: Frame): SnapshotStep {
    if (this.#totalBytes === undefined) return this.#begin(kind, payload);
    if (kind !== "chunk" || payload.length === 0) return refused(`a ${kind} in a snapshot`);
    const filledBytes = this.#filledBytes + payload.length;
    if (filledBytes > this.#totalBytes) return refused("a snapshot is longer than it said");
    this.#makeRoom(filledBytes, this.#totalBytes);
    this.#bytes.set(payload, this.#filledBytes);
    this.#filledBytes = filledBytes;
    return filledBytes === this.#totalBytes ? { kind: "whole", bytes: this.#bytes } : MORE;
  }

  #begin(kind: Frame["kind"], payload: Uint8Array): SnapshotStep {
    const reader = new FieldReader(payload);
    const totalBytes = reader.uint64();
    if (kind !== "snapshot" || reader.failed || !reader.isAtEnd || totalBytes === 0) {
      return refused("a snapshot does not begin with its length");
    }
    if (totalBytes > this.#maxBytes) {
      return refused(`a snapshot of ${totalBytes} bytes is over the bound of ${this.#maxBytes}`);
    }
    this.#totalBytes = totalBytes;
    return MORE;
  }

  #makeRoom(neededBytes: number, totalBytes: number): void {
    if (neededBytes <= this.#bytes.length) return;
    const grown = new Uint8Array(
      Math.min(Math.max(neededBytes, 2 * this.#bytes.length), totalBytes),
    );
    grown.set(this.#bytes.subarray(0, this.#filledBytes));
    this.#bytes = grown;
  }
}

const MORE: SnapshotStep = { kind: "more" };

function refused(detail: string): SnapshotStep {
  return { kind: "refused", detail };
}
