/**
 * What sessions say in bytes: the commands that a client proposes, and the table as it stands in
 * snapshots. Commands are read on every member at the same place of the log, so what one version
 * takes for a command, all must: a code is never given another meaning.
 */
import { decodeWith, type ByteReader, type DecodeResult } from "./codec/byte_reader.ts";
import { encodeWith, type ByteWriter } from "./codec/byte_writer.ts";
import { SessionTable, type Session, type SessionLimits } from "./sessions_table.ts";
import type { ApplyResult } from "./state_machine.ts";

export type SessionCommand =
  | { readonly kind: "open" }
  /** The session's command number `sequence`, for the machine inside. */
  | {
      readonly kind: "run";
      readonly session: number;
      readonly sequence: number;
      readonly command: Uint8Array;
    }
  | { readonly kind: "close"; readonly session: number }
  /** Of no session: applied each time that it is in the log. */
  | { readonly kind: "once"; readonly command: Uint8Array };

/** The state of a `SessionStateMachine`: its table, and the state of the machine inside. */
export interface SessionState {
  readonly table: SessionTable;
  readonly inner: Uint8Array;
}

/** The format of the table in snapshots that this version writes. It reads no other. */
const TABLE_FORMAT_VERSION = 1;
const COMMAND_CODES = { open: 1, run: 2, close: 3, once: 4 } as const;
const ANSWER_CODES = { none: 0, output: 1, error: 2 } as const;
/** Id, used index, sequence and answer, of one byte each. */
const MIN_SESSION_BYTES = 4;

const encoder = new TextEncoder();

/** Asks for a session. The answer's output is its id: `decodeSessionId`. */
export function encodeOpenSession(): Uint8Array {
  return encodeWith((writer) => writer.varint(COMMAND_CODES.open));
}

/**
 * `command` as number `sequence` of a session: >= 1, and higher than that of the session's command
 * before it. A retry takes the same number. Throws RangeError for 0.
 */
export function encodeRun(session: number, sequence: number, command: Uint8Array): Uint8Array {
  if (sequence < 1) throw new RangeError(`Cannot encode sequence ${sequence}: it must be >= 1`);
  return encodeWith((writer) => {
    writer.varint(COMMAND_CODES.run);
    writer.varint(session);
    writer.varint(sequence);
    writer.last(command);
  });
}

/** Says that no retry of the session's commands will come. */
export function encodeCloseSession(session: number): Uint8Array {
  return encodeWith((writer) => {
    writer.varint(COMMAND_CODES.close);
    writer.varint(session);
  });
}

/** `command` without a session: for what may be applied again, and for who never retries. */
export function encodeOnce(command: Uint8Array): Uint8Array {
  return encodeWith((writer) => {
    writer.varint(COMMAND_CODES.once);
    writer.last(command);
  });
}

/** What a member reads in an entry. `command` is a view of `bytes`. */
export function decodeSessionCommand(bytes: Uint8Array): DecodeResult<SessionCommand> {
  return decodeWith(bytes, (reader) => {
    const code = reader.varint();
    switch (code) {
      case COMMAND_CODES.open:
        return { kind: "open" };
      case COMMAND_CODES.run: {
        const session = reader.varint();
        const sequence = reader.varint();
        if (sequence === 0) return reader.malformed("a sequence is 0");
        return { kind: "run", session, sequence, command: reader.rest() };
      }
      case COMMAND_CODES.close:
        return { kind: "close", session: reader.varint() };
      case COMMAND_CODES.once:
        return { kind: "once", command: reader.rest() };
      default:
        return reader.malformed(`a session command is of the unknown kind ${code}`);
    }
  });
}

/** Whether bytes that are no command of this version may be one of a later version, of a kind that is not known here. */
export function isLaterSessionCommand(bytes: Uint8Array): boolean {
  const code = decodeWith(bytes, (reader) => {
    const read = reader.varint();
    reader.rest();
    return read;
  });
  return code.ok && code.value > Math.max(...Object.values(COMMAND_CODES));
}

export function encodeSessionId(id: number): Uint8Array {
  return encodeWith((writer) => writer.varint(id));
}

/** The id in the output that answers `encodeOpenSession`. */
export function decodeSessionId(output: Uint8Array): DecodeResult<number> {
  return decodeWith(output, (reader) => reader.varint());
}

export function encodeSessionState({ table, inner }: SessionState): Uint8Array {
  return encodeWith((writer) => {
    writer.varint(TABLE_FORMAT_VERSION);
    writer.varint(table.limits.maxSessions);
    writer.varint(table.limits.expireAfterEntries);
    writer.varint(table.limits.maxAnswerBytes);
    writer.varint(table.size);
    for (const session of table.sessions()) writeSession(writer, session);
    writer.last(inner);
  });
}

/** Reads what `encodeSessionState` wrote, and checks the table's invariants. `inner` is a view. */
export function decodeSessionState(bytes: Uint8Array): DecodeResult<SessionState> {
  return decodeWith(bytes, (reader) => {
    const version = reader.varint();
    if (version !== TABLE_FORMAT_VERSION) {
      reader.malformed(
        `the session table is of format version ${version}, ` +
          `and only ${TABLE_FORMAT_VERSION} can be read here`,
      );
    }
    const limits = readLimits(reader);
    const sessions = reader.list(MIN_SESSION_BYTES, () => readSession(reader));
    if (sessions.length > limits.maxSessions) reader.malformed("there are too many sessions");
    checkOrder(reader, sessions);
    const table = new SessionTable(limits, sessions);
    if (table.answerBytes > limits.maxAnswerBytes) reader.malformed("the answers take too much");
    return { table, inner: reader.rest() };
  });
}

function readLimits(reader: ByteReader): SessionLimits {
  const maxSessions = reader.varint();
  const expireAfterEntries = reader.varint();
  const maxAnswerBytes = reader.varint();
  if (maxSessions < 1 || expireAfterEntries < 1) reader.malformed("a limit on sessions is 0");
  return { maxSessions, expireAfterEntries, maxAnswerBytes };
}

function checkOrder(reader: ByteReader, sessions: readonly Session[]): void {
  const ids = new Set<number>();
  let before = 0;
  for (const { id, usedIndex, sequence, answer } of sessions) {
    ids.add(id);
    if (id < 1 || usedIndex < id) reader.malformed(`session ${id} was used before it was opened`);
    if (usedIndex <= before) reader.malformed(`session ${id} is not in the order of use`);
    if (sequence === 0 && answer !== undefined) {
      reader.malformed(`session ${id} has an answer to no command`);
    }
    before = usedIndex;
  }
  if (ids.size < sessions.length) reader.malformed("two sessions have the same id");
}

function writeSession(writer: ByteWriter, { id, usedIndex, sequence, answer }: Session): void {
  writer.varint(id);
  writer.varint(usedIndex);
  writer.varint(sequence);
  if (answer === undefined) {
    writer.varint(ANSWER_CODES.none);
  } else if (answer.ok) {
    writer.varint(ANSWER_CODES.output);
    writer.bytes(answer.output);
  } else {
    writer.varint(ANSWER_CODES.error);
    // Not a name or an address: as long as the machine inside made it.
    writer.bytes(encoder.encode(answer.error));
  }
}

function readSession(reader: ByteReader): Session {
  const id = reader.varint();
  const usedIndex = reader.varint();
  const sequence = reader.varint();
  return { id, usedIndex, sequence, answer: readAnswer(reader) };
}

function readAnswer(reader: ByteReader): ApplyResult | undefined {
  const code = reader.varint();
  switch (code) {
    case ANSWER_CODES.none:
      return undefined;
    case ANSWER_CODES.output:
      // A copy, or an answer would keep the whole snapshot in memory.
      return { ok: true, output: reader.bytes().slice() };
    case ANSWER_CODES.error:
      return { ok: false, error: reader.text(Number.MAX_SAFE_INTEGER) };
    default:
      return reader.malformed(`an answer is of the unknown kind ${code}`);
  }
}
