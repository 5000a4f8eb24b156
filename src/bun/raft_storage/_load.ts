/**
 * Reads all of a store and believes nothing of it: every row against its checksum, the log against what
 * the state row says of it, the snapshot against both. Throws `StoreRefused` at the first thing that
 * is not as it was written.
 */
import { crc32c, decodeEntryBody, decodeMembership } from "../../raft/mod.ts";
import { packBodies, type PackedEntries, type PackedSnapshot } from "./_packed.ts";
import { damaged } from "./_refusal.ts";
import {
  entryChecksum,
  identityChecksum,
  impossibleIn,
  snapshotRowChecksum,
  stateChecksum,
  type Identity,
  type StoreState,
} from "./_rows.ts";
import type { LogRow, ReadableTables } from "./_tables.ts";

/** What a checked store holds. */
export interface Loaded {
  readonly identity: Identity;
  readonly state: StoreState;
  readonly snapshot: PackedSnapshot | undefined;
  readonly entries: PackedEntries;
}

/** `where` names the file. */
export function loadStore(tables: ReadableTables, where: string): Loaded {
  const identity = loadIdentity(tables, where);
  const state = loadState(tables, where);
  return {
    identity,
    state,
    snapshot: loadSnapshot(tables, state, where),
    entries: loadLog(tables, state, where),
  };
}

export function loadIdentity(tables: ReadableTables, where: string): Identity {
  const row = tables.readIdentity();
  if (row === null) throw damaged(`${where}, table identity: row 1 is missing`);
  const { rowChecksum, ...identity } = row;
  if (identityChecksum(identity) !== rowChecksum) {
    throw damaged(`${where}, table identity, row 1: its checksum does not match`);
  }
  return identity;
}

/** Undefined if there is none, and none should be. */
export function loadSnapshot(
  tables: ReadableTables,
  state: StoreState,
  where: string,
): PackedSnapshot | undefined {
  const row = tables.readSnapshot();
  const place = `${where}, table snapshot, row 1`;
  if (row === null) {
    if (state.snapshotIndex === 0) return undefined;
    throw damaged(`${place}: it is missing`);
  }
  const { rowChecksum, ...snapshot } = row;
  if (snapshotRowChecksum(snapshot) !== rowChecksum) {
    throw damaged(`${place}: its checksum does not match`);
  }
  if (crc32c(snapshot.data) !== snapshot.checksum) {
    throw damaged(`${place}: the checksum of its data does not match`);
  }
  const { index, term } = snapshot;
  const { snapshotIndex, snapshotTerm, snapshotChecksum } = state;
  if (index !== snapshotIndex || term !== snapshotTerm || rowChecksum !== snapshotChecksum) {
    throw damaged(
      `${place}: it ends at ${index} of term ${term}; the one stored last ends at ${snapshotIndex} of ` +
        `term ${snapshotTerm}`,
    );
  }
  const membership = decodeMembership(snapshot.membership);
  if (!membership.ok) throw damaged(`${place}: its membership: ${membership.detail}`);
  return snapshot;
}

/** `acknowledged`: so many commits at least, by the high-water mark. */
export function checkNothingIsLost(
  { commits }: StoreState,
  acknowledged: number,
  where: string,
): void {
  if (commits >= acknowledged) return;
  throw damaged(
    `${where}, table state, row 1: the last ${acknowledged - commits} of ${acknowledged} acknowledged ` +
      "commits are missing",
  );
}

function loadState(tables: ReadableTables, where: string): StoreState {
  const row = tables.readState();
  const place = `${where}, table state`;
  if (row === null) throw damaged(`${place}: row 1 is missing`);
  const { rowChecksum, ...state } = row;
  if (stateChecksum(state) !== rowChecksum) {
    throw damaged(`${place}, row 1: its checksum does not match`);
  }
  const impossible = impossibleIn(state);
  if (impossible !== undefined) throw damaged(`${place}, row 1: ${impossible}`);
  return state;
}

function loadLog(tables: ReadableTables, state: StoreState, where: string): PackedEntries {
  const terms: number[] = [];
  const bodies: Uint8Array[] = [];
  let previous: Omit<LogRow, "body"> = {
    index: state.compactedIndex,
    term: state.compactedTerm,
    checksum: state.compactedChecksum,
  };
  for (const row of tables.entries()) {
    const wrong = wrongWith(row, previous, state);
    if (wrong !== undefined) throw damaged(`${where}, table log, row ${row.index}: ${wrong}`);
    terms.push(row.term);
    bodies.push(row.body);
    previous = row;
  }
  const { lastIndex, lastTerm, lastChecksum } = state;
  if (previous.index !== lastIndex) {
    throw damaged(
      `${where}, table log: it ends at row ${previous.index}, and ended at ${lastIndex}`,
    );
  }
  if (previous.term !== lastTerm || previous.checksum !== lastChecksum) {
    throw damaged(`${where}, table log, row ${lastIndex}: it is not the one that was stored last`);
  }
  return packBodies(state.compactedIndex + 1, terms, bodies);
}

function wrongWith(
  { index, term, body, checksum }: LogRow,
  previous: Omit<LogRow, "body">,
  { snapshotIndex, snapshotTerm }: StoreState,
): string | undefined {
  if (index !== previous.index + 1) return `it follows on row ${previous.index}; some are missing`;
  if (entryChecksum(index, term, body, previous.checksum) !== checksum) {
    return "its checksum does not match";
  }
  if (term < previous.term) return `its term ${term} is less than ${previous.term} before it`;
  if (index === snapshotIndex && term !== snapshotTerm) {
    return `its term ${term} is not the snapshot's, ${snapshotTerm}`;
  }
  const decoded = decodeEntryBody(body);
  return decoded.ok ? undefined : `its body cannot be read: ${decoded.detail}`;
}
