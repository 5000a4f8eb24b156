/** The bench's state machine: keys with a value each, as etcd has them, without their past. */
import type { ApplyResult, StateMachine } from "../../../src/raft/mod.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const NOTHING = new Uint8Array();

/** One byte of length, the key, the value. */
export function putCommand(key: Uint8Array, value: Uint8Array): Uint8Array {
  const command = new Uint8Array(1 + key.length + value.length);
  command[0] = key.length;
  command.set(key, 1);
  command.set(value, 1 + key.length);
  return command;
}

export class KeyValueState implements StateMachine {
  #values = new Map<string, Uint8Array>();

  apply({ data }: { readonly data: Uint8Array }): ApplyResult {
    const end = 1 + data[0]!;
    this.#values.set(decoder.decode(data.subarray(1, end)), data.slice(end));
    return { ok: true, output: NOTHING };
  }

  snapshot(): Uint8Array {
    const pairs = [...this.#values].map(([key, value]) => [key, value.toBase64()]);
    return encoder.encode(JSON.stringify(pairs));
  }

  restore(data: Uint8Array): { readonly ok: true } {
    const pairs = data.length === 0 ? [] : (JSON.parse(decoder.decode(data)) as [string, string][]);
    this.#values = new Map(pairs.map(([key, value]) => [key, Uint8Array.fromBase64(value)]));
    return { ok: true };
  }
}
