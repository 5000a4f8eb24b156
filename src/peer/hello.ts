/**
 * The first frame each way: who speaks, to whom, what for, and in which versions. It is read before
 * anything is known of the other end, so its layout stays as it is in all versions; later ones may add
 * to its end, and what is added is passed over here.
 */
import { isNodeId, type NodeId } from "../raft/mod.ts";
import { concat, FieldReader, text16, uint16, uint64 } from "./fields.ts";
import type { PeerVersions, VersionRange } from "./versions.ts";

/** What a connection is for. */
export const PURPOSES = ["log", "snapshot", "verify"] as const;
export type Purpose = (typeof PURPOSES)[number];

/** How the ends prove who they are. */
export const AUTH_MODES = ["none", "secret", "tls"] as const;
export type AuthMode = (typeof AUTH_MODES)[number];

export interface Hello extends PeerVersions {
  readonly mode: AuthMode;
  readonly purpose: Purpose;
  /** Empty as long as the sender belongs to none. At most 128 bytes. */
  readonly clusterId: string;
  readonly from: NodeId;
  /** Whom the dialler believes to talk to; in the answer, the dialler. */
  readonly to: NodeId;
  /** Where the sender is reached, `HOST:PORT`; empty if it cannot say. */
  readonly address: string;
  /** The log index of the membership that the sender goes by; 0 if it has none. */
  readonly membershipIndex: number;
  /** 32 bytes, never used before. */
  readonly random: Uint8Array;
  /** The latest format of the replicated state that the sender reads, >= 1; those who do not say read the first. */
  readonly stateFormat: number;
}

export type HelloResult =
  | { readonly ok: true; readonly hello: Hello }
  | { readonly ok: false; readonly detail: string };

export const RANDOM_BYTES = 32;
/** No hello is longer, nor any other frame before the ends have proved who they are. */
export const MAX_HANDSHAKE_FRAME_BYTES = 2048;

const MAGIC = new TextEncoder().encode("phi-peer");
const MAX_TEXT_BYTES = 320;
/** Of versions that knew of one format only, and did not say so. */
export const FIRST_STATE_FORMAT = 1;
export const MAX_CLUSTER_ID_BYTES = 128;

/** The payload of a hello frame. */
export function encodeHello(hello: Hello): Uint8Array {
  return concat([
    MAGIC,
    ...[hello.wire.min, hello.wire.max, hello.raft.min, hello.raft.max].map(uint16),
    Uint8Array.of(AUTH_MODES.indexOf(hello.mode), PURPOSES.indexOf(hello.purpose)),
    ...[hello.clusterId, hello.from, hello.to, hello.address].map(text16),
    uint64(hello.membershipIndex),
    hello.random,
    uint16(hello.stateFormat),
  ]);
}

/** Reads what `encodeHello` wrote; `detail` for any other bytes. */
export function decodeHello(payload: Uint8Array): HelloResult {
  const reader = new FieldReader(payload);
  const magic = reader.raw(MAGIC.length);
  if (!MAGIC.every((byte, place) => magic[place] === byte)) {
    return { ok: false, detail: "it does not speak phi's peer protocol" };
  }
  const wire = readRange(reader);
  const raft = readRange(reader);
  const mode = AUTH_MODES[reader.uint8()];
  const purpose = PURPOSES[reader.uint8()];
  const [clusterId, from, to] = [
    reader.text16(MAX_CLUSTER_ID_BYTES),
    reader.text16(MAX_TEXT_BYTES),
    reader.text16(MAX_TEXT_BYTES),
  ];
  const address = reader.text16(MAX_TEXT_BYTES);
  const membershipIndex = reader.uint64();
  // A copy: it is part of what is kept as long as the connection.
  const random = reader.raw(RANDOM_BYTES).slice();
  const stateFormat = reader.remaining < 2 ? FIRST_STATE_FORMAT : reader.uint16();
  const isShaped = !reader.failed && mode !== undefined && purpose !== undefined;
  if (!isShaped || !isNodeId(from) || !isNodeId(to) || wire.min > wire.max || raft.min > raft.max) {
    return { ok: false, detail: "its hello cannot be read" };
  }
  return {
    ok: true,
    hello: {
      wire,
      raft,
      mode,
      purpose,
      clusterId,
      from,
      to,
      address,
      membershipIndex,
      random,
      stateFormat,
    },
  };
}

function readRange(reader: FieldReader): VersionRange {
  const min = reader.uint16();
  return { min, max: reader.uint16() };
}
