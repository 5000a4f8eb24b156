/**
 * Log Matching (Raft §5.3): two logs that have an entry of the same index and term have the same entry
 * there, and the same entries before it. Checked as each entry is written: it must be the one that
 * anybody else ever wrote at that index and term, and follow on an entry of the same term as there.
 * The rest follows by induction.
 */
import type { Entry, LogWrite } from "../../../src/raft/mod.ts";
import { bodyHash } from "./body_hash.ts";
import type { Subject } from "./subject.ts";
import { mustHold } from "./violation.ts";

interface KnownEntry {
  readonly body: Entry["body"];
  readonly previousTerm: number;
}

export class LogMatching {
  /** By term, then by index. */
  readonly #known = new Map<number, Map<number, KnownEntry>>();

  /** Before `write` changes what `subject` has written. */
  beforeWrite({ id, written }: Subject, write: LogWrite): void {
    const first = write.entries[0];
    if (first === undefined) return;
    const before = write.discardsLog ? write.snapshot : undefined;
    let previousTerm = before === undefined ? written.termAt(first.index - 1) : before.term;
    let previousIndex = first.index - 1;
    mustHold(
      previousTerm !== undefined,
      "a log has no gaps",
      () => `${id} writes entry ${first.index} after ${written.lastIndex}`,
    );
    for (const entry of write.entries) {
      mustHold(
        entry.index === previousIndex + 1 && entry.term >= previousTerm,
        "a log has no gaps",
        () =>
          `${id} writes entry ${entry.index} of term ${entry.term} after ${previousIndex} of ` +
          `term ${previousTerm}`,
      );
      this.#match(id, entry, previousTerm);
      previousIndex = entry.index;
      previousTerm = entry.term;
    }
  }

  #match(id: string, entry: Entry, previousTerm: number): void {
    const { index, term, body } = entry;
    let ofTerm = this.#known.get(term);
    if (ofTerm === undefined) this.#known.set(term, (ofTerm = new Map()));
    const known = ofTerm.get(index);
    if (known === undefined) {
      ofTerm.set(index, { body, previousTerm });
      return;
    }
    const isSame = known.body === body || bodyHash(known.body) === bodyHash(body);
    mustHold(
      isSame && known.previousTerm === previousTerm,
      "log matching",
      () =>
        `${id} writes entry ${index} of term ${term} (${body.kind}, after term ${previousTerm}), ` +
        `which elsewhere is ${known.body.kind}, after term ${known.previousTerm}`,
    );
  }
}
