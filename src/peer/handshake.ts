/**
 * How a connection begins, as a pure state machine: frames in, frames out, and in the end a session or a
 * sentence that says why not. Both sides say hello, then the dialler proves who it is, then the other.
 * Nothing is admitted, and no key is used, before the proof; what is wrong with a hello is told at once,
 * because it tells nobody more than the hello did.
 */
import type { NodeId } from "../raft/mod.ts";
import { faultOfCertificate, Proofs, type PeerAuth, type Side } from "./auth.ts";
import { encodeFrame, type Frame, type FrameKind, type FrameSeal } from "./frame.ts";
import { decodeHello, encodeHello, RANDOM_BYTES, type Hello, type Purpose } from "./hello.ts";
import type { PeerCrypto } from "./peer_crypto.ts";
import { cutRefusal, encodeRefusal, type Refusal } from "./refusal.ts";
import { highestCommon, noCommonVersion, type PeerVersions } from "./versions.ts";

/** What this monitor says of itself. */
export interface Self {
  readonly id: NodeId;
  readonly clusterId: string;
  readonly address: string;
  readonly membershipIndex: number;
  readonly versions: PeerVersions;
  /** The latest format of the replicated state that it reads. */
  readonly stateFormat: number;
}

/** A connection whose ends know each other. */
export interface Session {
  readonly peer: NodeId;
  readonly purpose: Purpose;
  /** Theirs. */
  readonly hello: Hello;
  readonly wireVersion: number;
  readonly raftVersion: number;
  readonly sealOut: FrameSeal | undefined;
  readonly sealIn: FrameSeal | undefined;
}

export type HandshakeStep =
  | { readonly kind: "continue"; readonly send: readonly Uint8Array[] }
  | { readonly kind: "done"; readonly send: readonly Uint8Array[]; readonly session: Session }
  /**
   * Send, then close. `claimed`: who the other says it is, if it said so. `isRemoval`: it has proved to be
   * that, and to belong to this monitor's cluster, from which this monitor was removed, it says.
   */
  | {
      readonly kind: "refused";
      readonly send: readonly Uint8Array[];
      readonly detail: string;
      readonly claimed: NodeId | undefined;
      readonly isRemoval: boolean;
    };

type Refused = Extract<HandshakeStep, { kind: "refused" }>;

interface Common {
  readonly self: Self;
  readonly auth: PeerAuth;
  readonly crypto: PeerCrypto;
  /** As in `OpenedSocket`. */
  readonly certificateNames: readonly string[] | undefined;
}

export type HandshakeOptions = Common &
  (
    | { readonly side: "dialler"; readonly peer: NodeId; readonly purpose: Purpose }
    | {
        readonly side: "acceptor";
        /** Why somebody who proved to be who it says is not let in; undefined to let it in. */
        readonly admit: (hello: Hello) => Refusal | undefined;
      }
  );

interface Met {
  readonly hello: Hello;
  readonly proofs: Proofs;
}

export class Handshake {
  readonly #options: HandshakeOptions;
  readonly #random: Uint8Array;
  /** The frame with our hello, once it was sent. */
  #ownHello: Uint8Array = new Uint8Array();
  /** Once theirs has come and is in order. */
  #met: Met | undefined;

  constructor(options: HandshakeOptions) {
    this.#options = options;
    this.#random = options.crypto.randomBytes(RANDOM_BYTES);
  }

  /** What to send as soon as the connection stands. */
  begin(): readonly Uint8Array[] {
    const { side } = this.#options;
    return side === "dialler" ? [this.#sayHello(this.#options.peer, this.#options.purpose)] : [];
  }

  receive({ kind, payload }: Frame): HandshakeStep {
    if (kind === "refuse") {
      return this.#end(`${this.#otherName()} refused: ${cutRefusal(payload)}`, []);
    }
    if (this.#met === undefined) {
      return kind === "hello" ? this.#onHello(payload) : this.#unexpected(kind);
    }
    if (kind === "removed" && this.#options.side === "dialler") {
      return this.#onRemoved(this.#met, payload);
    }
    return kind === "proof" ? this.#onProof(this.#met, payload) : this.#unexpected(kind);
  }

  #onHello(payload: Uint8Array): HandshakeStep {
    const read = decodeHello(payload);
    if (!read.ok) return this.#refuse(read.detail);
    const { hello } = read;
    const fault = this.#faultOf(hello);
    if (fault !== undefined) return this.#refuse(fault, hello.from);
    const theirHello = encodeFrame("hello", [payload]);
    const { side, auth, crypto } = this.#options;
    if (side === "acceptor") {
      const answer = this.#sayHello(hello.from, hello.purpose);
      const proofs = new Proofs(auth, crypto, { dialler: theirHello, acceptor: answer });
      this.#met = { hello, proofs };
      return { kind: "continue", send: [answer] };
    }
    const proofs = new Proofs(auth, crypto, { dialler: this.#ownHello, acceptor: theirHello });
    this.#met = { hello, proofs };
    return { kind: "continue", send: [encodeFrame("proof", [proofs.of("dialler")])] };
  }

  #onProof({ hello, proofs }: Met, payload: Uint8Array): HandshakeStep {
    const options = this.#options;
    const otherSide: Side = options.side === "dialler" ? "acceptor" : "dialler";
    if (!proofs.isRight(otherSide, payload)) {
      return this.#refuse("the cluster secret is not the same", hello.from);
    }
    if (options.side === "acceptor") {
      const refusal = options.admit(hello);
      if (refusal?.isRemoval) {
        return this.#end(refusal.detail, [encodeFrame("removed", [proofs.ofRemoval()])]);
      }
      if (refusal !== undefined) return this.#refuse(refusal.detail, hello.from);
    }
    return {
      kind: "done",
      send: options.side === "acceptor" ? [encodeFrame("proof", [proofs.of("acceptor")])] : [],
      session: {
        peer: hello.from,
        purpose: hello.purpose,
        hello,
        ...this.#versionsWith(hello),
        sealOut: proofs.sealOf(options.side),
        sealIn: proofs.sealOf(otherSide),
      },
    };
  }

  /** A stranger at a member's address could say so too: without the proof it has said nothing. */
  #onRemoved({ hello, proofs }: Met, payload: Uint8Array): HandshakeStep {
    const { self } = this.#options;
    if (!proofs.isRightOfRemoval(payload)) {
      return this.#refuse("the cluster secret is not the same", hello.from);
    }
    // One that belongs to no cluster yet knows nothing of its members.
    const isOurs = self.clusterId !== "" && hello.clusterId === self.clusterId;
    if (!isOurs) return this.#unexpected("removed");
    const detail = `${hello.from} refused: ${self.id} was removed from the cluster`;
    return { ...this.#end(detail, []), isRemoval: true };
  }

  #sayHello(to: NodeId, purpose: Purpose): Uint8Array {
    const { self, auth } = this.#options;
    const { versions, id, ...rest } = self;
    const hello = { ...rest, ...versions, from: id, to, purpose, mode: auth.mode };
    this.#ownHello = encodeFrame("hello", [encodeHello({ ...hello, random: this.#random })]);
    return this.#ownHello;
  }

  /** What is wrong with their hello, before anything is proved. */
  #faultOf(hello: Hello): string | undefined {
    const { self, auth, certificateNames } = this.#options;
    return (
      this.#faultOfVersions(hello) ??
      this.#faultOfPlace(hello) ??
      (hello.mode === auth.mode
        ? undefined
        : `${hello.from} uses ${MODE_TEXTS[hello.mode]}, and ${self.id} ${MODE_TEXTS[auth.mode]}`) ??
      faultOfCertificate(auth.mode, certificateNames, hello.from)
    );
  }

  #faultOfVersions(hello: Hello): string | undefined {
    const { id, versions } = this.#options.self;
    for (const [format, name] of FORMATS) {
      if (highestCommon(hello[format], versions[format]) !== undefined) continue;
      return noCommonVersion(name, [id, versions[format]], [hello.from, hello[format]]);
    }
    return undefined;
  }

  #faultOfPlace(hello: Hello): string | undefined {
    const { self } = this.#options;
    const [ours, theirs] = [self.clusterId, hello.clusterId];
    if (ours !== "" && theirs !== "" && ours !== theirs) {
      return `${self.id} belongs to cluster ${ours}, and ${hello.from} to cluster ${theirs}`;
    }
    if (hello.from === self.id)
      return `two monitors call themselves ${self.id}, or it dialled itself`;
    if (hello.to !== self.id) return `${hello.to} was expected here, and this is ${self.id}`;
    const { side } = this.#options;
    if (side === "acceptor") return undefined;
    const { peer, purpose } = this.#options;
    if (hello.from !== peer) return `${peer} was expected at this address, and it is ${hello.from}`;
    return hello.purpose === purpose ? undefined : "it answered another question than it was asked";
  }

  #versionsWith(hello: Hello): { wireVersion: number; raftVersion: number } {
    const { versions } = this.#options.self;
    return {
      wireVersion: highestCommon(hello.wire, versions.wire)!,
      raftVersion: highestCommon(hello.raft, versions.raft)!,
    };
  }

  #otherName(): string {
    const { side } = this.#options;
    return side === "dialler" ? this.#options.peer : "it";
  }

  #unexpected(kind: FrameKind): HandshakeStep {
    return this.#refuse(`a frame of kind ${kind} came before its time`);
  }

  #refuse(detail: string, claimed?: NodeId): HandshakeStep {
    return this.#end(detail, [encodeFrame("refuse", [encodeRefusal(detail)])], claimed);
  }

  #end(detail: string, send: readonly Uint8Array[], claimed?: NodeId): Refused {
    const by = claimed ?? this.#met?.hello.from;
    return { kind: "refused", send, detail, claimed: by, isRemoval: false };
  }
}

const FORMATS = [
  ["wire", "peer wire format"],
  ["raft", "Raft format"],
] as const;

const MODE_TEXTS: Readonly<Record<Hello["mode"], string>> = {
  none: "no authentication",
  secret: "a cluster secret",
  tls: "mutual TLS",
};
