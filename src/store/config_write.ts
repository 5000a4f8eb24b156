/** A write of the config as plain data, whichever way it came. */
import type { Target } from "../config/mod.ts";
import type { Idempotency, WriteOptions } from "./store.ts";

export type ConfigWrite = WriteOptions &
  (
    | { readonly kind: "put"; readonly target: Target }
    | { readonly kind: "delete"; readonly name: string }
    /** Of several targets of one name the last counts. */
    | { readonly kind: "replace"; readonly targets: readonly Target[] }
  );

/** The most characters that an idempotency key may have. */
export const MAX_KEY_LENGTH = 128;
/** The most characters that the digest under a key may have. */
export const MAX_DIGEST_LENGTH = 256;

/** Throws `RangeError` for a key or digest that is empty or too long. */
export function checkIdempotency(idempotency: Idempotency | undefined): void {
  if (idempotency === undefined) return;
  checkLength("key", idempotency.key, MAX_KEY_LENGTH);
  checkLength("digest", idempotency.digest, MAX_DIGEST_LENGTH);
}

function checkLength(name: string, value: string, most: number): void {
  if (value.length >= 1 && value.length <= most) return;
  throw new RangeError(
    `Cannot write the config: "idempotency.${name}" must have 1..${most} characters, ` +
      `received ${value.length}`,
  );
}
