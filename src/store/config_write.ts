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

const MAX_KEY_LENGTH = 128;
const MAX_DIGEST_LENGTH = 256;

export function isKeyLength({ length }: string): boolean {
  return length >= 1 && length <= MAX_KEY_LENGTH;
}

export function isDigestLength({ length }: string): boolean {
  return length >= 1 && length <= MAX_DIGEST_LENGTH;
}

/** Throws `RangeError` for a key or digest that is empty or too long. */
export function checkIdempotency(idempotency: Idempotency | undefined): void {
  if (idempotency === undefined) return;
  const { key, digest } = idempotency;
  if (!isKeyLength(key)) refuse("key", MAX_KEY_LENGTH, key.length);
  if (!isDigestLength(digest)) refuse("digest", MAX_DIGEST_LENGTH, digest.length);
}

function refuse(name: string, most: number, received: number): never {
  throw new RangeError(
    `Cannot write the config: "idempotency.${name}" must have 1..${most} characters, ` +
      `received ${received}`,
  );
}
