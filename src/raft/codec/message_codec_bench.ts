/**
 * What a heartbeat and a batch of entries cost to write and to read, beside what one might take
 * instead: JSON with its bytes in base64, and the runtime's structured clone.
 */
import { deserialize, serialize } from "bun:jsc";
import { bench, do_not_optimize, group, run, summary } from "mitata";
import type { Message } from "../message.ts";
import { decodeMessage, encodeMessage } from "./message_codec.ts";

const VARIANTS = 256;
const COMMAND_BYTES = 256;
const BATCH_ENTRIES = 64;

const envelope = { clusterId: "production", version: 1, from: "monitor-1", to: "monitor-2" };

function heartbeat(place: number): Message {
  const round = 1_000_000 + place;
  return { ...envelope, term: 12, kind: "heartbeatRequest", leaderCommit: 40 * round, round };
}

function batch(place: number): Message {
  const prevLogIndex = 5_000_000 + BATCH_ENTRIES * place;
  const entries = Array.from({ length: BATCH_ENTRIES }, (_, offset) => {
    const index = prevLogIndex + 1 + offset;
    const data = crypto.getRandomValues(new Uint8Array(COMMAND_BYTES));
    const id = { node: "monitor-3", incarnation: 17, sequence: index };
    return { index, term: 12, body: { kind: "command" as const, id, data } };
  });
  const leaderCommit = prevLogIndex - 3;
  const rest = { prevLogIndex, prevLogTerm: 12, entries, leaderCommit };
  return { ...envelope, term: 12, kind: "appendRequest", ...rest };
}

function toJson(message: Message): string {
  return JSON.stringify(message, (_key, value: unknown) =>
    value instanceof Uint8Array ? { base64: value.toBase64() } : value,
  );
}

function fromJson(text: string): unknown {
  return JSON.parse(text, (_key, value: { base64?: string } | null) =>
    typeof value?.base64 === "string" ? Uint8Array.fromBase64(value.base64) : value,
  );
}

function compare(name: string, messages: readonly Message[]): void {
  let turn = 0;
  const next = <Value>(values: readonly Value[]): Value => values[turn++ % values.length]!;
  const bytes = messages.map(encodeMessage);
  const texts = messages.map(toJson);
  const clones = messages.map((message) => serialize(message));
  const sizes = [bytes[0]!.length, texts[0]!.length, clones[0]!.byteLength];
  console.log(`${name}: ${sizes[0]} bytes; as JSON ${sizes[1]}, as a clone ${sizes[2]}`);
  group(`write ${name}`, () => {
    summary(() => {
      bench("encodeMessage", () => do_not_optimize(encodeMessage(next(messages)))).baseline();
      bench("JSON", () => do_not_optimize(toJson(next(messages))));
      bench("structured clone", () => do_not_optimize(serialize(next(messages))));
    });
  });
  group(`read ${name}`, () => {
    summary(() => {
      bench("decodeMessage", () => do_not_optimize(decodeMessage(next(bytes)))).baseline();
      bench("JSON", () => do_not_optimize(fromJson(next(texts))));
      bench("structured clone", () => do_not_optimize(deserialize(next(clones))));
    });
  });
}

const places = Array.from({ length: VARIANTS }, (_, place) => place);
compare("a heartbeat", places.map(heartbeat));
compare(`${BATCH_ENTRIES} entries of ${COMMAND_BYTES} bytes`, places.map(batch));
await run();
