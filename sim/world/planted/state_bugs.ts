/**
 * Bugs in what becomes of the log: the state machine and its sessions, the snapshots that stand for what was dropped, and
 * what the real storage makes of damage. The simulator has to find them too.
 */
import type { PlantedBug } from "./bug.ts";

const raft = (file: string) => `src/raft/${file}.ts`;

const STATE_MACHINE_BUGS: readonly PlantedBug[] = [
  {
    name: "applied-twice-after-restart",
    breaks: "a restarted member applies the tail that its snapshot already has",
    foundBy: ["entries are applied in order, once"],
    edits: [
      {
        file: raft("log"),
        find: "this.#appliedIndex = this.#applyingIndex = snapshotIndex;",
        replace: "this.#appliedIndex = this.#applyingIndex = compacted.index;",
      },
      {
        file: raft("member"),
        find: 'this.#take({ kind: "applied", index: snapshot?.index ?? 0 });',
        replace: 'this.#take({ kind: "applied", index: 0 });',
      },
    ],
  },
  {
    name: "snapshot-of-a-later-index",
    breaks: "a snapshot that was made in parts is taken for the state of when it was done",
    foundBy: ["a snapshot carries the state of its index"],
    edits: [
      {
        file: raft("applier"),
        find: "    return made;",
        replace: "    return { ...made, index: this.#appliedIndex };",
      },
    ],
  },
  {
    name: "snapshot-never-stored",
    breaks:
      "a snapshot that was not written counts as stored, and the log that it covers is dropped",
    foundBy: ["the log is what was written"],
    edits: [
      {
        file: raft("compaction"),
        find: "  outbox.writeSnapshot(snapshot, false);",
        replace: "  void snapshot;\n  outbox.writeHardState();",
      },
    ],
  },
  {
    name: "session-table-not-in-snapshot",
    breaks: "who installs a snapshot keeps the session table it had",
    foundBy: ["a snapshot carries the state of its index"],
    edits: [
      {
        file: raft("sessions"),
        find: "if (restored.ok) this.#table = decoded.value.table;",
        replace: "",
      },
    ],
  },
  {
    name: "retry-applied-again",
    breaks: "a command proposed again in its session is applied again",
    foundBy: ["a session's command is applied once"],
    edits: [
      {
        file: raft("sessions"),
        find: "if (sequence === session.sequence) {",
        replace: "if (sequence === session.sequence && session.answer === undefined) {",
      },
    ],
  },
  {
    name: "retry-gets-another-answer",
    breaks: "a command proposed again is answered with what the session's first command was",
    foundBy: ["linearizable history"],
    edits: [
      {
        file: raft("sessions"),
        find: "this.#table.record(session, index, sequence, ownCopy(answer));",
        replace: "this.#table.record(session, index, sequence, session.answer ?? ownCopy(answer));",
      },
    ],
  },
  {
    name: "next-taken-for-retry",
    breaks:
      "the command after the last one is taken for the last one again, and acknowledged unapplied",
    foundBy: ["no acknowledged write is lost"],
    edits: [
      {
        file: raft("sessions"),
        find: "if (sequence === session.sequence) {",
        replace:
          "if (sequence === session.sequence || (sequence % 2 === 0 && sequence === session.sequence + 1)) {",
      },
    ],
  },
];

const storage = (file: string) => `src/bun/raft_storage/${file}.ts`;

/** Of what the real storage makes of torn writes and flipped bits: the simulated disk has it from there. */
const DAMAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "flipped-bit-not-noticed",
    breaks: "the checksum of an entry is not compared when the log is read",
    foundBy: ["a member starts from what it stored"],
    edits: [
      {
        file: storage("_load"),
        find: "if (entryChecksum(index, term, body, previous.checksum) !== checksum) {",
        replace: "if (entryChecksum(index, term, body, previous.checksum) < 0) {",
      },
    ],
  },
  {
    name: "damaged-tail-cut-off",
    breaks: "a log is cut off at a damaged entry, and the member goes on without the rest",
    foundBy: ["a member starts from what it stored"],
    edits: [
      {
        file: storage("_load"),
        find: "if (wrong !== undefined) throw damaged(`${where}, table log, row ${row.index}: ${wrong}`);",
        replace: "if (wrong !== undefined) break;",
      },
      {
        file: storage("_load"),
        find: "if (previous.index !== lastIndex) {",
        replace:
          "if (previous.index !== lastIndex) return packBodies(state.compactedIndex + 1, terms, bodies);\n  if (previous.index < 0) {",
      },
    ],
  },
  {
    name: "torn-write-refused",
    breaks: "what a crash cut short in the write-ahead log is taken for damage",
    foundBy: ["a crash is not taken for damage"],
    edits: [
      {
        file: storage("_wal_scan"),
        find: "if (isOfThisLog && hasEndedSince) {",
        replace: "if (isOfThisLog && broken !== undefined) {",
      },
    ],
  },
];

export const STATE_BUGS: readonly PlantedBug[] = [...STATE_MACHINE_BUGS, ...DAMAGE_BUGS];
