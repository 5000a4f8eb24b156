/**
 * Bugs beside the core, in the storage on disk, between the peers and in the store on top: the simulator stands on
 * a disk and a network of its own and cannot see them, so the tests of each have to. Some are those that systems on
 * Raft have had: a write acknowledged before it was synced, an applied index outside of the data's transaction.
 */
import type { PlantedBug, TestCase } from "./bug.ts";

const POWER_CUTS: TestCase = {
  file: "test/raft/power_cut_test.ts",
  test: "nothing acknowledged is missing after a power cut",
};

const storage = (file: string) => `src/bun/raft_storage/${file}.ts`;

const STORAGE_BUGS: readonly PlantedBug[] = [
  {
    name: "commit-not-synced",
    breaks: "a write is acknowledged that no sync has made durable",
    foundBy: POWER_CUTS,
    edits: [{ file: storage("_engine"), find: "    this.#walSync.sync();\n", replace: "" }],
  },
  {
    name: "ack-before-commit",
    breaks: "a write is acknowledged before it is committed",
    foundBy: POWER_CUTS,
    edits: [
      {
        file: storage("_service"),
        find: '      engine.commit(group);\n      const commit = reportOf(group, performance.now() - startMs);\n      this.#answer({ kind: "stored", ...commit });',
        replace:
          '      const commit = reportOf(group, performance.now() - startMs);\n      this.#answer({ kind: "stored", ...commit });\n      engine.commit(group);',
      },
    ],
  },
  {
    name: "state-outside-transaction",
    breaks: "term, vote and indexes are not in the transaction of the entries they speak of",
    foundBy: POWER_CUTS,
    edits: [
      {
        file: storage("_engine"),
        find: "      tables.writeState(next);\n    });",
        replace: "    });\n    tables.writeState(next);",
      },
    ],
  },
  {
    name: "mark-before-commit",
    breaks: "the high-water mark counts a commit before it is durable",
    foundBy: POWER_CUTS,
    edits: [
      {
        file: storage("_engine"),
        find: "    tables.transaction(() => {",
        replace:
          "    highWater.raise(next.commits);\n    highWater.sync();\n    tables.transaction(() => {",
      },
    ],
  },
  {
    name: "lost-tail-not-noticed",
    breaks: "a store whose last commits are gone is opened as if nothing were",
    foundBy: {
      file: "src/bun/raft_storage/damage_test.ts",
      test: "files that are missing, empty, foreign or from another time",
    },
    edits: [
      {
        file: storage("_load"),
        find: "if (commits >= acknowledged) return;",
        replace: "if (commits >= acknowledged - 1e9) return;",
      },
    ],
  },
  {
    name: "checksum-not-looked-at",
    breaks: "an entry with a flipped bit is given out as it is",
    foundBy: {
      file: "src/bun/raft_storage/damage_test.ts",
      test: "UPDATE log SET body = x'01' WHERE log_index = 30",
    },
    edits: [
      {
        file: storage("_rows"),
        find: "export function entryChecksum(",
        replace:
          "export function entryChecksum(...[, term]: Parameters<typeof trueChecksum>): number {\n  return term % 7;\n}\nfunction trueChecksum(",
      },
    ],
  },
  {
    name: "flipped-term-outlives-entry",
    breaks:
      "compaction believes the term of the entry that it lets go last, whatever its checksum says",
    foundBy: {
      file: "sim/world/stored_rows_test.ts",
      test: "no later write hides a flipped bit in what the store goes on to hold",
    },
    edits: [
      {
        file: storage("_write"),
        find: "  if (throughIndex < state.lastIndex) checkIsAsStored(",
        replace: "  if (throughIndex < 0) checkIsAsStored(",
      },
    ],
  },
  {
    name: "compaction-past-snapshot",
    breaks: "entries are deleted that no snapshot has",
    foundBy: {
      file: "src/bun/raft_storage/failure_test.ts",
      test: "a write with compaction past the snapshot is refused",
    },
    edits: [
      {
        file: storage("_rows"),
        find: "  if (snapshotIndex < compactedIndex) {",
        replace: "  if (snapshotIndex < 0) {",
      },
      {
        file: storage("_rows"),
        find: "compactedTerm <= snapshotTerm && snapshotTerm <= lastTerm",
        replace: "snapshotTerm <= lastTerm",
      },
    ],
  },
  {
    name: "failure-forgotten",
    breaks: "after a failed write the next ones are taken, on a log that lacks it",
    foundBy: {
      file: "src/bun/raft_storage/_service_test.ts",
      test: "a write that was already under way when another failed is not tried",
    },
    edits: [
      {
        file: storage("_service"),
        find: "this.#hasFailed = true;",
        replace: "",
      },
    ],
  },
];

const peer = (file: string) => `src/peer/${file}.ts`;

const PEER_BUGS: readonly PlantedBug[] = [
  {
    name: "mac-not-checked",
    breaks: "a frame that was changed on its way is believed",
    foundBy: {
      file: "src/peer/frame_test.ts",
      test: "a sealed frame with any bit flipped, and all that follow it, are not believed",
    },
    edits: [
      {
        file: peer("frame"),
        find: "return seal.opens([uint32(body.length), content], body.subarray(end)) ? content : undefined;",
        replace:
          "seal.opens([uint32(body.length), content], body.subarray(end));\n  return content;",
      },
    ],
  },
  {
    name: "frame-repeated",
    breaks: "a frame that is sent again, or moved, is believed",
    foundBy: {
      file: "src/peer/frame_test.ts",
      test: "sealed frames that are repeated, left out or swapped are not believed",
    },
    edits: [
      {
        file: peer("frame"),
        find: "const counter = uint64(this.#count++);",
        replace: "const counter = uint64(0 * this.#count);",
      },
    ],
  },
  {
    name: "proof-of-another-connection",
    breaks: "a recorded proof lets a stranger in",
    foundBy: {
      file: "src/peer/handshake_test.ts",
      test: "with a secret, after any flipped bit of any frame",
    },
    edits: [
      {
        file: peer("auth"),
        find: "const parts = [encoder.encode(`phi peer 1, ${label}\\0`), this.#transcript];",
        replace: "const parts = [encoder.encode(`phi peer 1, ${label}\\0`)];",
      },
    ],
  },
  {
    name: "message-of-another",
    breaks: "a member speaks in another's name",
    foundBy: {
      file: "test/peer/messages_test.ts",
      test: "a message is delivered only from the peer that sends it and for this monitor",
    },
    edits: [
      {
        file: peer("inbound"),
        find: "read.ok && read.value.from === peer && read.value.to",
        replace: 'read.ok && peer !== "" && read.value.to',
      },
    ],
  },
  {
    name: "wrong-cluster",
    breaks: "a member of another cluster is talked to",
    foundBy: {
      file: "src/peer/handshake_test.ts",
      test: "from another cluster",
    },
    edits: [
      {
        file: peer("handshake"),
        find: 'if (ours !== "" && theirs !== "" && ours !== theirs) {',
        replace: 'if (ours === "" && theirs === " ") {',
      },
    ],
  },
  {
    name: "snapshot-cut-short",
    breaks: "a snapshot of which the end is missing is taken for whole",
    foundBy: {
      file: "src/peer/small_parts_test.ts",
      test: "puts together what comes in any pieces",
    },
    edits: [
      {
        file: peer("snapshot_receiver"),
        find: "return filledBytes === this.#totalBytes ?",
        replace: "return filledBytes + 64 >= this.#totalBytes ?",
      },
    ],
  },
];

const STORE_BUGS: readonly PlantedBug[] = [
  {
    name: "retry-under-another-number",
    breaks: "a write whose session has ended is written again, though it may have been made",
    foundBy: {
      file: "src/store/client_session_test.ts",
      test: "expired after an attempt of unknown end: unknown, and never run again",
    },
    edits: [
      {
        file: "src/store/client_session.ts",
        find: 'if (!isHarmless(run)) return this.#end(run, { kind: "unknown", detail: reason });',
        replace: "",
      },
    ],
  },
  {
    name: "unknown-called-failed",
    breaks: "a write that may yet be made is said to have failed",
    foundBy: {
      file: "src/store/client_sessions_test.ts",
      test: "that wait for too long have failed, and are never begun",
    },
    edits: [
      {
        file: "src/store/client_session.ts",
        find: 'return { kind: isHarmless(run) ? "failed" : "unknown", detail: run.reason };',
        replace: 'return { kind: "failed", detail: run.reason };',
      },
    ],
  },
  {
    name: "key-forgotten-by-snapshot",
    breaks: "idempotency keys are not in the snapshot: a retry after it is written again",
    foundBy: {
      file: "src/store/cluster_machine_test.ts",
      test: "restored from a snapshot at any point, goes on with the same state and the same answers",
    },
    edits: [
      {
        file: "src/store/config_state.ts",
        find: "limits: this.limits, outcomes: [...this.#keys.outcomes()] };",
        replace: "limits: this.limits, outcomes: [] };",
      },
    ],
  },
  {
    name: "snapshot-changes-later",
    breaks: "a write changes the snapshot that is being sent",
    foundBy: {
      file: "src/store/raft_store_test.ts",
      test: "a snapshot stays as it was, whatever is written later",
    },
    edits: [
      {
        file: "src/store/config_state.ts",
        find: "    if (this.#isShared) {\n",
        replace: "    if (this.#isShared && this.#revision < 0) {\n",
      },
    ],
  },
  {
    name: "alerts-lost-in-snapshot",
    breaks: "a snapshot does not have the alert record",
    foundBy: {
      file: "src/store/cluster_machine_test.ts",
      test: "restored from a snapshot at any point, goes on with the same state and the same answers",
    },
    edits: [
      {
        file: "src/store/cluster_machine.ts",
        find: "if (restored.ok) this.alerts.replace(alerts.contents);",
        replace: "if (restored.ok) this.alerts.replace();",
      },
    ],
  },
  {
    name: "hung-up-uncommitted",
    breaks:
      "a leader that takes itself out is left before that is committed, so that it cannot commit it",
    foundBy: {
      file: "src/cluster/node_test.ts",
      test: "who takes itself out is a peer until that is committed, or it could not commit it",
    },
    edits: [
      {
        file: "src/cluster/keeper.ts",
        find: "new Map([...settled, ...this.#othersIn(membership)])",
        replace: "new Map(this.#othersIn(membership))",
      },
    ],
  },
  {
    name: "removal-told-uncommitted",
    breaks: "a member is told that it was removed before that is committed",
    foundBy: {
      file: "src/cluster/node_test.ts",
      test: "the links hear of who was removed once it is committed, not before",
    },
    edits: [
      {
        file: "src/cluster/keeper.ts",
        find: "    if (committedIndex !== this.#toldRemovedIndex) {\n      this.#toldRemovedIndex = committedIndex;\n      this.#links.setRemoved(committedMembership.removed ?? []);",
        replace:
          "    if (membershipIndex !== this.#toldRemovedIndex) {\n      this.#toldRemovedIndex = membershipIndex;\n      this.#links.setRemoved(membership.removed ?? []);",
      },
    ],
  },
  {
    name: "joiner-not-verified",
    breaks: "whoever asks is let in, without proof of the cluster's credentials",
    foundBy: {
      file: "src/cluster/node_test.ts",
      test: "without proof adds nobody",
    },
    edits: [
      {
        file: "src/cluster/node.ts",
        find: "    if (!verified.ok) {\n",
        replace: '    if (!verified.ok && id === "") {\n',
      },
    ],
  },
];

export const GROUND_BUGS: readonly PlantedBug[] = [...STORAGE_BUGS, ...PEER_BUGS, ...STORE_BUGS];
