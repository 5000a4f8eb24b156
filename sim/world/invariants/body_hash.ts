/** A fingerprint of an entry's body, so that two copies of an entry can be compared at little cost. */
import type { EntryBody, RequestId } from "../../../src/raft/mod.ts";
import { hashOf, hashOfText } from "../trace_hash.ts";

const known = new WeakMap<EntryBody, number>();

/** 32 bits. Computed once for each body object, since simulated messages share them. */
export function bodyHash(body: EntryBody): number {
  const found = known.get(body);
  if (found !== undefined) return found;
  const hash = computeHash(body);
  known.set(body, hash);
  return hash;
}

function computeHash(body: EntryBody): number {
  switch (body.kind) {
    case "noop":
      return 1;
    case "command":
      return hashOf(body.data, requestHash(body.id) ^ 2);
    case "membership":
      return hashOfText(JSON.stringify(body.membership), requestHash(body.id) ^ 3);
    case "unreadable":
      return hashOf(body.bytes, body.code ^ 4);
  }
}

function requestHash({ node, incarnation, sequence }: RequestId): number {
  return hashOfText(node, Math.imul(incarnation, 0x9e3779b1) ^ sequence);
}
