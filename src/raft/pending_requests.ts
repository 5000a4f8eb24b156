/**
 * Those who wait for an answer: proposals and reads of this member, each under an id that no other
 * attempt will ever have. Each is answered exactly once; a proposal that nothing is heard of is
 * answered `unknown` in the end, never `dropped`.
 */
import type { NodeId, RequestId } from "./entry.ts";
import type { ApplyResult } from "./state_machine.ts";

/** How a proposal ended. */
export type ProposalOutcome =
  | { readonly kind: "committed"; readonly index: number; readonly result: ApplyResult }
  /** This attempt has had no effect and never will. */
  | { readonly kind: "dropped"; readonly reason: string }
  /** It may have had its effect, or may have it yet. */
  | { readonly kind: "unknown"; readonly reason: string };

export type ReadOutcome =
  /** The state machine may be read now, here, in this call. */
  { readonly ok: true; readonly index: number } | { readonly ok: false; readonly reason: string };

interface PendingProposal {
  readonly deadlineTick: number;
  readonly done: (outcome: ProposalOutcome) => void;
}

export class PendingRequests {
  readonly #node: NodeId;
  readonly #incarnation: number;
  readonly #timeoutTicks: number;
  /** Runs an answer when it is safe to. */
  readonly #give: (answer: () => void) => void;
  #sequence = 0;
  #nowTick = 0;
  /** By sequence, which is also by age. */
  readonly #proposals = new Map<number, PendingProposal>();
  readonly #reads = new Map<number, (outcome: ReadOutcome) => void>();

  constructor(
    node: NodeId,
    incarnation: number,
    timeoutTicks: number,
    give: (answer: () => void) => void,
  ) {
    this.#give = give;
    this.#node = node;
    this.#incarnation = incarnation;
    this.#timeoutTicks = timeoutTicks;
  }

  addProposal(done: (outcome: ProposalOutcome) => void): RequestId {
    const id = this.#nextId();
    const deadlineTick = this.#nowTick + this.#timeoutTicks;
    this.#proposals.set(id.sequence, { deadlineTick, done });
    return id;
  }

  addRead(done: (outcome: ReadOutcome) => void): RequestId {
    const id = this.#nextId();
    this.#reads.set(id.sequence, done);
    return id;
  }

  /** Nothing happens if it is another's, or has been answered. */
  answerProposal(id: RequestId, outcome: ProposalOutcome): void {
    if (!this.#isOwn(id)) return;
    const pending = this.#proposals.get(id.sequence);
    this.#proposals.delete(id.sequence);
    if (pending !== undefined) this.#give(() => pending.done(outcome));
  }

  answerRead(id: RequestId, outcome: ReadOutcome): void {
    if (!this.#isOwn(id)) return;
    const done = this.#reads.get(id.sequence);
    this.#reads.delete(id.sequence);
    if (done !== undefined) this.#give(() => done(outcome));
  }

  /** Gives up on proposals that have waited too long. The core does so for reads. */
  tick(): void {
    this.#nowTick++;
    for (const [sequence, { deadlineTick, done }] of this.#proposals) {
      if (deadlineTick > this.#nowTick) return;
      this.#proposals.delete(sequence);
      this.#give(() => done({ kind: "unknown", reason: "no outcome was seen in time" }));
    }
  }

  /** The member has halted: what became of these, others may know. */
  abandon(reason: string): void {
    const [proposals, reads] = [[...this.#proposals.values()], [...this.#reads.values()]];
    this.#proposals.clear();
    this.#reads.clear();
    for (const { done } of proposals) this.#give(() => done({ kind: "unknown", reason }));
    for (const done of reads) this.#give(() => done({ ok: false, reason }));
  }

  #nextId(): RequestId {
    return { node: this.#node, incarnation: this.#incarnation, sequence: ++this.#sequence };
  }

  #isOwn({ node, incarnation }: RequestId): boolean {
    return node === this.#node && incarnation === this.#incarnation;
  }
}
