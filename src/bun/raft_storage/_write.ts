/** What one write of the core does to the tables, inside of a transaction. */
import type { PackedEntries, PackedWrite } from "./_packed.ts";
import { damaged } from "./_refusal.ts";
import { entryChecksum, impossibleIn, type StoreState } from "./_rows.ts";
import type { WritableTables } from "./_tables.ts";

/**
 * Carries `write` out and gives what `state` becomes; who calls stores that. Throws if the log would
 * have a gap or the state would be one that is refused at the next start: better now.
 */
export function applyWrite(
  tables: WritableTables,
  state: StoreState,
  write: PackedWrite,
): StoreState {
  const { hardState, snapshot, discardsLog, entries, compactThrough } = write;
  let next = state;
  if (hardState !== undefined) {
    const { term, vote, commit } = hardState;
    next = { ...next, term, vote: vote ?? null, commitIndex: commit };
  }
  if (snapshot !== undefined) {
    const snapshotChecksum = tables.writeSnapshot(snapshot);
    const { index, term } = snapshot;
    next = { ...next, snapshotIndex: index, snapshotTerm: term, snapshotChecksum };
  }
  if (discardsLog) next = discardLog(tables, next);
  else if (snapshot !== undefined) checkIsOfThisLog(tables, next);
  if (entries !== undefined) next = replaceEntries(tables, next, entries);
  if (compactThrough !== undefined) next = compact(tables, next, compactThrough);
  const impossible = impossibleIn(next);
  if (impossible !== undefined) throw new Error(`a write makes no sense: ${impossible}`);
  return next;
}

function checkIsOfThisLog(tables: WritableTables, state: StoreState): void {
  const { compactedIndex, snapshotIndex, snapshotTerm, lastIndex } = state;
  const isInLog = compactedIndex <= snapshotIndex && snapshotIndex <= lastIndex;
  if (isInLog && positionAt(tables, state, snapshotIndex).term === snapshotTerm) return;
  throw new Error(
    `a write makes no sense: a snapshot at ${snapshotIndex} of term ${snapshotTerm} is of another log`,
  );
}

/** The log goes on after the snapshot. */
function discardLog(tables: WritableTables, state: StoreState): StoreState {
  const { snapshotIndex, snapshotTerm } = state;
  tables.deleteFrom(0);
  return {
    ...state,
    compactedIndex: snapshotIndex,
    compactedTerm: snapshotTerm,
    compactedChecksum: 0,
    lastIndex: snapshotIndex,
    lastTerm: snapshotTerm,
    lastChecksum: 0,
  };
}

function replaceEntries(
  tables: WritableTables,
  state: StoreState,
  entries: PackedEntries,
): StoreState {
  const { firstIndex, terms, ends, bodies } = entries;
  const { snapshotIndex, lastIndex } = state;
  if (firstIndex <= snapshotIndex || firstIndex > lastIndex + 1) {
    throw new Error(
      `a write makes no sense: entry ${firstIndex} is for a log that ends at ${lastIndex}, with a ` +
        `snapshot at ${snapshotIndex}`,
    );
  }
  let { term: lastTerm, checksum } = positionAt(tables, state, firstIndex - 1);
  if (firstIndex <= lastIndex) tables.deleteFrom(firstIndex);
  for (const [place, term] of terms.entries()) {
    const index = firstIndex + place;
    if (term < lastTerm)
      throw new Error(`a write makes no sense: the term of entry ${index} falls`);
    const body = bodies.subarray(ends[place - 1] ?? 0, ends[place]);
    checksum = entryChecksum(index, term, body, checksum);
    tables.insertEntry({ index, term, body, checksum });
    lastTerm = term;
  }
  return { ...state, lastIndex: firstIndex + terms.length - 1, lastTerm, lastChecksum: checksum };
}

function compact(tables: WritableTables, state: StoreState, throughIndex: number): StoreState {
  if (throughIndex <= state.compactedIndex) return state;
  const { term, checksum } = positionAt(tables, state, throughIndex);
  if (throughIndex < state.lastIndex) checkIsAsStored(tables, state, throughIndex);
  tables.deleteThrough(throughIndex);
  return {
    ...state,
    compactedIndex: throughIndex,
    compactedTerm: term,
    compactedChecksum: checksum,
  };
}

/** An entry that is let go leaves its term in the state: a bit that flipped there would be believed from then on. */
function checkIsAsStored(tables: WritableTables, state: StoreState, index: number): void {
  const row = tables.entry(index);
  const previous = positionAt(tables, state, index - 1);
  if (
    row !== null &&
    entryChecksum(index, row.term, row.body, previous.checksum) === row.checksum
  ) {
    return;
  }
  throw damaged(`table log, row ${index}: its checksum does not match`);
}

/** Term and checksum at an index that is in the log, or where it begins. */
function positionAt(
  tables: WritableTables,
  {
    compactedIndex,
    compactedTerm,
    compactedChecksum,
    lastIndex,
    lastTerm,
    lastChecksum,
  }: StoreState,
  index: number,
): { readonly term: number; readonly checksum: number } {
  if (index === lastIndex) return { term: lastTerm, checksum: lastChecksum };
  if (index === compactedIndex) return { term: compactedTerm, checksum: compactedChecksum };
  const head = tables.entryHead(index);
  if (head === null) throw new Error(`entry ${index} is not in the log`);
  return head;
}
