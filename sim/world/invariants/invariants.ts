/**
 * All invariants of a run, told of everything that happens. Each is cheap: it looks at the one member
 * that something happened to, and keeps what it has to remember of the others.
 */
import type { Effect, LogWrite, Message } from "../../../src/raft/mod.ts";
import { Applying } from "./applying.ts";
import { type BoundOptions, Bounds } from "./bounds.ts";
import type { CommittedLog } from "./committed_log.ts";
import { Commits } from "./commits.ts";
import { Disruption } from "./disruption.ts";
import { Leaders } from "./leaders.ts";
import { LogMatching } from "./log_matching.ts";
import { MembershipChanges } from "./membership_changes.ts";
import { Monotonic } from "./monotonic.ts";
import type { Outcomes } from "./outcomes.ts";
import { Promises } from "./promises.ts";
import type { Subject } from "./subject.ts";
import { Votes } from "./votes.ts";
import { violate } from "./violation.ts";

/** Counting costs as much as the log is long. */
const EVENTS_BETWEEN_COUNTS = 50;

export class Invariants {
  readonly committed: CommittedLog;
  readonly leaders: Leaders;
  readonly outcomes: Outcomes;
  readonly #applying: Applying;
  readonly #bounds: Bounds;
  readonly #commits: Commits;
  readonly #disruption: Disruption;
  readonly #logMatching = new LogMatching();
  readonly #changes: MembershipChanges;
  readonly #monotonic = new Monotonic();
  readonly #promises: Promises;
  readonly #votes = new Votes();

  constructor(
    committed: CommittedLog,
    outcomes: Outcomes,
    options: BoundOptions & { readonly electionTicks: number },
    subjectOf: (id: string) => Subject | undefined,
  ) {
    this.committed = committed;
    this.outcomes = outcomes;
    this.leaders = new Leaders(committed);
    this.#applying = new Applying(committed);
    this.#bounds = new Bounds(options);
    this.#commits = new Commits(committed, this.leaders, subjectOf);
    this.#changes = new MembershipChanges(committed, this.leaders);
    this.#disruption = new Disruption(this.leaders, options.electionTicks);
    this.#promises = new Promises(this.leaders);
  }

  /** Before each event. */
  beforeEvent(event: number): void {
    this.leaders.event = event;
  }

  /** After each event that touched the member. */
  afterEvent(subject: Subject): void {
    const status = subject.status();
    if (status === undefined) return;
    this.#commits.onClaim(subject, status.commitIndex, this.leaders.termLedInEvent(subject));
    this.leaders.afterEvent(subject, status);
    this.#monotonic.check(subject, status);
    this.#bounds.check(subject, status);
    if (this.leaders.event % EVENTS_BETWEEN_COUNTS === 0) this.#bounds.checkCounts(subject, status);
  }

  onStart(subject: Subject): void {
    this.#applying.onStart(subject);
  }

  beforeWrite(subject: Subject, write: LogWrite): void {
    const { id, written } = subject;
    if (write.hardState) Monotonic.checkReplaced(id, written.hardState, write.hardState);
    if (write.snapshot) this.committed.checkSnapshot(write.snapshot, id);
    this.#logMatching.beforeWrite(subject, write);
    this.leaders.beforeWrite(subject, write);
    this.#changes.beforeWrite(subject, write);
    this.#commits.beforeWrite(subject, write);
  }

  afterWrite(subject: Subject, write: LogWrite): void {
    this.#changes.afterWrite(subject, write);
  }

  onSynced(subject: Subject): void {
    this.#commits.onSynced(subject);
  }

  onSend(subject: Subject, message: Message): void {
    this.leaders.onSend(subject, message);
    this.#promises.onSend(subject, message);
    this.#disruption.onSend(subject, message);
    this.#votes.onSend(subject, message);
  }

  /** A snapshot begins to go to another member; what it gives is called when that has ended. */
  onSendSnapshot(subject: Subject, message: Message): () => void {
    this.onSend(subject, message);
    return this.#bounds.beginSnapshot(subject, message.to);
  }

  onTick(subject: Subject): void {
    this.#disruption.onTick(subject);
  }

  onReceive(subject: Subject, message: Message, receive: () => void): void {
    this.#disruption.onReceive(subject, message, () =>
      this.#votes.onReceive(subject, message, receive),
    );
  }

  /** Before an effect is carried out. */
  onEffect(subject: Subject, effect: Effect): void {
    if (effect.kind === "role") {
      this.leaders.onRole(subject, effect);
      this.#votes.onRole(subject, effect);
    }
    if (effect.kind !== "apply") return;
    const { snapshot, entries } = effect;
    if (snapshot !== undefined) this.#applying.onRestored(subject, snapshot);
    const [first, last] = [entries[0]?.index, entries.at(-1)?.index];
    if (first === undefined || last === undefined) return;
    this.#commits.onClaim(subject, last, this.leaders.termLedInEvent(subject));
    this.#applying.onHandedOver(subject, first, last);
  }

  onApplied(subject: Subject, index: number, historyHash: number): void {
    this.#applying.onApplied(subject, index, historyHash);
  }

  /** A message was refused as one that no correct peer sends. */
  onRefused({ id }: Subject, reason: string): void {
    violate("a correct peer's message is taken", `${id} refuses one: ${reason}`);
  }
}
