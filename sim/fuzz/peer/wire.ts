/**
 * The peers' wire protocol, written down a second time for whoever attacks it: frames, hellos, proofs and MACs
 * as byte strings that can be spoilt before they are sent. It shares no line with `src/peer`.
 */
import { createHmac, timingSafeEqual } from "node:crypto";

/** A kind's code is its place, from 1 on. */
export const FRAME_KINDS = [
  "hello",
  "refuse",
  "proof",
  "messages",
  "ack",
  "snapshot",
  "chunk",
  "received",
  "exchange",
  "removed",
] as const;
export type FrameKind = (typeof FRAME_KINDS)[number];

export const PURPOSES = ["log", "snapshot", "verify"] as const;
export type Purpose = (typeof PURPOSES)[number];

const MAC_BYTES = 16;
const SECRET_MODE = 1;

export interface HelloFields {
  readonly clusterId: string;
  readonly from: string;
  readonly to: string;
  readonly address: string;
  readonly membershipIndex: number;
  readonly purpose: Purpose;
  /** 32 bytes. */
  readonly random: string;
}

export function helloPayload(hello: HelloFields): string {
  const versions = [1, 1, 1, 1].map(uint16).join("");
  const texts = [hello.clusterId, hello.from, hello.to, hello.address].map(
    (text) => uint16(text.length) + text,
  );
  const modes = String.fromCharCode(SECRET_MODE, PURPOSES.indexOf(hello.purpose));
  const place = uint64(hello.membershipIndex);
  return `phi-peer${versions}${modes}${texts.join("")}${place}${hello.random}${uint16(1)}`;
}

/** `key`: a MAC stands behind the payload, of the `count`th frame of its direction. */
export function frame(code: number, payload: string, key?: Buffer, count = 0): string {
  const macBytes = key === undefined ? 0 : MAC_BYTES;
  const content = uint32(1 + payload.length + macBytes) + String.fromCharCode(code) + payload;
  if (key === undefined) return content;
  return content + hmac(key, uint64(count) + content).toString("latin1", 0, MAC_BYTES);
}

export function codeOf(kind: FrameKind): number {
  return FRAME_KINDS.indexOf(kind) + 1;
}

/** What the two hello frames, as they went over the wire, and the secret make of a label. */
export function derive(secret: string, label: string, dialler: string, acceptor: string): Buffer {
  const transcript = uint32(dialler.length) + dialler + uint32(acceptor.length) + acceptor;
  return hmac(Buffer.from(secret, "latin1"), `phi peer 1, ${label}\0${transcript}`);
}

export function isSame(left: string, right: Buffer): boolean {
  const bytes = Buffer.from(left, "latin1");
  return bytes.length === right.length && timingSafeEqual(bytes, right);
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac("sha256", key).update(text, "latin1").digest();
}

export function uint16(value: number): string {
  return String.fromCharCode((value >>> 8) & 0xff, value & 0xff);
}

export function uint32(value: number): string {
  return uint16(value >>> 16) + uint16(value & 0xffff);
}

export function uint64(value: number): string {
  return uint32(Math.floor(value / 2 ** 32)) + uint32(value % 2 ** 32);
}

/** The first frame of a text, with its length; undefined while it is not whole. */
export function firstFrame(text: string): string | undefined {
  if (text.length < 4) return undefined;
  const length = Buffer.from(text.slice(0, 4), "latin1").readUInt32BE();
  return text.length < 4 + length ? undefined : text.slice(0, 4 + length);
}
