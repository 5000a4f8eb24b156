/**
 * The state machine of the simulated clusters: a few registers of 32 bits that can be read, put,
 * compared and set, or folded (multiplied and added to, so that order matters). It keeps a hash of its
 * history in its state, and so in its snapshots: two members that went through different commands, or
 * the same in another order, never look alike again.
 */
import type { AppliedCommand, ApplyResult, StateMachine } from "../../src/raft/mod.ts";

export type RegisterKind = "get" | "put" | "compareAndSet" | "fold";

export interface RegisterCommand {
  readonly kind: RegisterKind;
  readonly key: number;
  /** What to put, to set, or to add. */
  readonly value: number;
  /** For `compareAndSet`. */
  readonly expected: number;
  readonly client: number;
  /** The client's own count of its commands. */
  readonly sequence: number;
  /** Which call of `propose` this was; the same command may be tried several times. */
  readonly attempt: number;
}

export interface RegisterResult {
  /** Whether the register was changed; a get changes nothing. */
  readonly isApplied: boolean;
  /** The register's value afterwards. */
  readonly value: number;
}

const KINDS: readonly RegisterKind[] = ["get", "put", "compareAndSet", "fold"];
const FIXED_BYTES = 23;
const ATTEMPT_BYTES = 4;
/** Modulo 2^32. */
const INVERSE_OF_31 = 3186588639;
export const REGISTER_COUNT = 8;

/** What a fold makes of a register. */
export function fold(before: number, value: number): number {
  return (Math.imul(before, 31) + value) >>> 0;
}

/** The register before a fold by `value` made `after` of it. */
export function unfold(after: number, value: number): number {
  return Math.imul(after - value, INVERSE_OF_31) >>> 0;
}

/** `paddingBytes` of nothing in the middle, so that commands are of different sizes. */
export function encodeCommand(command: RegisterCommand, paddingBytes: number): Uint8Array {
  const bytes = new Uint8Array(FIXED_BYTES + paddingBytes);
  const view = new DataView(bytes.buffer);
  bytes[0] = KINDS.indexOf(command.kind);
  bytes[1] = command.key;
  view.setUint32(2, command.value);
  view.setUint32(6, command.expected);
  view.setUint8(10, command.client);
  view.setUint32(11, command.sequence);
  view.setUint32(bytes.length - ATTEMPT_BYTES, command.attempt);
  return bytes;
}

export function decodeCommand(bytes: Uint8Array): RegisterCommand {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    kind: KINDS[view.getUint8(0)] ?? "get",
    key: view.getUint8(1),
    value: view.getUint32(2),
    expected: view.getUint32(6),
    client: view.getUint8(10),
    sequence: view.getUint32(11),
    attempt: attemptOf(bytes),
  };
}

/** Whether it can be an envelope around a command, and not one that only opens a session. */
export function isRegisterCommand(bytes: Uint8Array): boolean {
  return bytes.length >= FIXED_BYTES;
}

/** The attempt of a command, also within an envelope that ends with it. */
export function attemptOf(bytes: Uint8Array): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return view.getUint32(bytes.length - ATTEMPT_BYTES);
}

export function decodeResult(bytes: Uint8Array): RegisterResult {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return { isApplied: view.getUint8(0) === 1, value: view.getUint32(1) };
}

function encodeResult({ isApplied, value }: RegisterResult): Uint8Array {
  const bytes = new Uint8Array(5);
  bytes[0] = isApplied ? 1 : 0;
  new DataView(bytes.buffer).setUint32(1, value);
  return bytes;
}

/** Told of each command as it takes effect. */
export type OnEffect = (command: RegisterCommand, index: number) => void;

export class RegisterMachine implements StateMachine {
  readonly #registers = new Uint32Array(REGISTER_COUNT);
  readonly #onEffect: OnEffect | undefined;
  #historyHash = 0;

  constructor(onEffect?: OnEffect) {
    this.#onEffect = onEffect;
  }

  /** Depends on every command so far, and on their order. */
  get historyHash(): number {
    return this.#historyHash;
  }

  /** What a register holds; 0 if nothing was ever put there. */
  valueOf(key: number): number {
    return this.#registers[key] ?? 0;
  }

  apply({ index, data }: AppliedCommand): ApplyResult {
    const command = decodeCommand(data);
    const result = this.#carryOut(command);
    let hash = Math.imul(this.#historyHash ^ index, 0x85ebca6b);
    hash = Math.imul(hash ^ (command.client << 24) ^ command.sequence, 0xc2b2ae35);
    hash = Math.imul(hash ^ (hash >>> 15) ^ result.value, 0x27d4eb2f);
    this.#historyHash = (hash ^ (hash >>> 13)) >>> 0;
    this.#onEffect?.(command, index);
    return { ok: true, output: encodeResult(result) };
  }

  snapshot(): Uint8Array {
    const bytes = new Uint8Array(4 + 4 * REGISTER_COUNT);
    const view = new DataView(bytes.buffer);
    view.setUint32(0, this.#historyHash);
    for (let key = 0; key < REGISTER_COUNT; key++) view.setUint32(4 + 4 * key, this.valueOf(key));
    return bytes;
  }

  /** Four bytes each. */
  snapshotParts(): Iterable<Uint8Array> {
    const bytes = this.snapshot();
    const places = Array.from({ length: bytes.length / 4 }, (_, place) => 4 * place);
    return places.map((place) => bytes.subarray(place, place + 4));
  }

  restore(
    data: Uint8Array,
  ): { readonly ok: true } | { readonly ok: false; readonly error: string } {
    if (data.length !== 4 + 4 * REGISTER_COUNT) return { ok: false, error: "it is not a snapshot" };
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    this.#historyHash = view.getUint32(0);
    for (let key = 0; key < REGISTER_COUNT; key++) {
      this.#registers[key] = view.getUint32(4 + 4 * key);
    }
    return { ok: true };
  }

  #carryOut({ kind, key, value, expected }: RegisterCommand): RegisterResult {
    const before = this.valueOf(key);
    const isApplied = kind !== "get" && (kind !== "compareAndSet" || before === expected);
    if (isApplied) this.#registers[key] = kind === "fold" ? fold(before, value) : value;
    return { isApplied, value: this.valueOf(key) };
  }
}
