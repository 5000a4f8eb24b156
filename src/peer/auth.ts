/**
 * How two monitors prove to each other that they belong together.
 *
 * `secret`: both know it. The dialler proves it first, then the other, each by an HMAC over both hellos as
 * they went over the wire, with the 32 random bytes of each: a recording of another connection proves
 * nothing. Two keys come out of the same, one a direction, for the MACs of all that follows.
 * `tls`: the connection is mutual TLS, and the name that a monitor claims must be one of its certificate's.
 * `none`: nobody proves anything, so it works on the loopback only.
 */
import type { NodeId } from "../raft/mod.ts";
import { FrameSeal } from "./frame.ts";
import { concat, uint32 } from "./fields.ts";
import type { AuthMode } from "./hello.ts";
import type { PeerCrypto } from "./peer_crypto.ts";

export type PeerAuth =
  | { readonly mode: "none" }
  /** At least 16 bytes: who sees a connection begin can try secrets until one fits. */
  | { readonly mode: "secret"; readonly secret: Uint8Array }
  /** The sockets have to be made with mutual TLS. */
  | { readonly mode: "tls" };

export const MIN_SECRET_BYTES = 16;

/** Who dialled, and who was dialled. */
export type Side = "dialler" | "acceptor";

/** Throws `RangeError` for a secret that is too short. */
export function checkAuth(auth: PeerAuth): void {
  if (auth.mode !== "secret" || auth.secret.length >= MIN_SECRET_BYTES) return;
  throw new RangeError(
    `Cannot create PeerTransport: "auth.secret" must be at least ${MIN_SECRET_BYTES} bytes, ` +
      `received ${auth.secret.length}`,
  );
}

/** Both hello frames as they went over the wire. */
export interface Transcript {
  readonly dialler: Uint8Array;
  readonly acceptor: Uint8Array;
}

const encoder = new TextEncoder();

/** What each mode has to say, about one connection, once both hellos are known. */
export class Proofs {
  readonly #secret: Uint8Array | undefined;
  readonly #crypto: PeerCrypto;
  readonly #transcript: Uint8Array;

  constructor(auth: PeerAuth, crypto: PeerCrypto, { dialler, acceptor }: Transcript) {
    this.#secret = auth.mode === "secret" ? auth.secret : undefined;
    this.#crypto = crypto;
    this.#transcript = concat([uint32(dialler.length), dialler, uint32(acceptor.length), acceptor]);
  }

  /** What that side has to send. */
  of(side: Side): Uint8Array {
    return this.#derive(`proof of the ${side}`) ?? new Uint8Array();
  }

  isRight(side: Side, proof: Uint8Array): boolean {
    return this.#crypto.timingSafeEqual(this.of(side), proof);
  }

  /** What the acceptor sends instead of its proof to say that the dialler was removed. */
  ofRemoval(): Uint8Array {
    return this.#derive("removal, by the acceptor") ?? new Uint8Array();
  }

  isRightOfRemoval(proof: Uint8Array): boolean {
    return this.#crypto.timingSafeEqual(this.ofRemoval(), proof);
  }

  /** For the frames that a side sends from here on; undefined where they need none. */
  sealOf(side: Side): FrameSeal | undefined {
    const key = this.#derive(`key of the ${side}`);
    return key === undefined ? undefined : new FrameSeal(this.#crypto, key);
  }

  #derive(label: string): Uint8Array | undefined {
    if (this.#secret === undefined) return undefined;
    const parts = [encoder.encode(`phi peer 1, ${label}\0`), this.#transcript];
    return this.#crypto.hmacSha256(this.#secret, parts);
  }
}

/** What is wrong with what a monitor claims to be, by the certificate; undefined if nothing is. */
export function faultOfCertificate(
  mode: AuthMode,
  names: readonly string[] | undefined,
  claimed: NodeId,
): string | undefined {
  if (mode !== "tls") return undefined;
  if (names?.includes(claimed) === true) return undefined;
  const has = names === undefined || names.length === 0 ? "no name" : names.slice(0, 4).join(", ");
  return `the certificate of ${claimed} is for ${has}: its DNS name or common name has to be ${claimed}`;
}
