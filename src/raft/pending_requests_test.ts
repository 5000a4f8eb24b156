import { describe, expect, test } from "bun:test";
import { requestId } from "./_test_core.ts";
import { PendingRequests, type ProposalOutcome, type ReadOutcome } from "./pending_requests.ts";

const committed: ProposalOutcome = {
  kind: "committed",
  index: 7,
  result: { ok: true, output: new Uint8Array() },
};
const dropped: ProposalOutcome = { kind: "dropped", reason: "" };

function setting(timeoutTicks = 3) {
  const pending = new PendingRequests("a", 2, timeoutTicks, (answer) => answer());
  const outcomes: ProposalOutcome[] = [];
  const reads: ReadOutcome[] = [];
  return {
    pending,
    outcomes,
    reads,
    propose: () => pending.addProposal((outcome) => outcomes.push(outcome)),
    read: () => pending.addRead((outcome) => reads.push(outcome)),
  };
}

describe("PendingRequests", () => {
  test("gives each request an id of its own, of this node and this start", () => {
    const { propose, read } = setting();
    expect([propose(), read(), propose()]).toEqual([1, 2, 3].map((of) => requestId(of, "a", 2)));
  });

  test("answers a proposal once, whatever is heard of it later", () => {
    const { pending, propose, outcomes } = setting();
    const id = propose();
    pending.answerProposal(id, committed);
    pending.answerProposal(id, dropped);
    for (let tick = 0; tick < 5; tick++) pending.tick();
    pending.abandon("halted");
    expect(outcomes).toEqual([committed]);
  });

  test("answers a read once", () => {
    const { pending, read, reads } = setting();
    const id = read();
    pending.answerRead(id, { ok: true, index: 4 });
    pending.answerRead(id, { ok: false, reason: "" });
    expect(reads).toEqual([{ ok: true, index: 4 }]);
  });

  test("takes no answer that is another member's, or of an earlier start", () => {
    const { pending, propose, read, outcomes, reads } = setting();
    propose();
    read();
    for (const [node, incarnation] of [
      ["b", 2],
      ["a", 1],
      ["a", 3],
    ] as const) {
      pending.answerProposal(requestId(1, node, incarnation), committed);
      pending.answerRead(requestId(2, node, incarnation), { ok: true, index: 1 });
    }
    pending.answerRead(requestId(1, "a", 2), { ok: true, index: 1 });
    expect([outcomes, reads]).toEqual([[], []]);
  });

  test("a proposal that nothing is heard of is unknown after its time, never dropped", () => {
    const { pending, propose, outcomes } = setting(3);
    propose();
    pending.tick();
    propose();
    pending.tick();
    expect(outcomes).toEqual([]);
    pending.tick();
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown"]);
    pending.tick();
    expect(outcomes.map(({ kind }) => kind)).toEqual(["unknown", "unknown"]);
  });

  test("abandon() answers what waits, for good: proposals unknown, reads failed", () => {
    const { pending, propose, read, outcomes, reads } = setting();
    const ids = [propose(), read()];
    pending.abandon("the disk failed");
    pending.answerProposal(ids[0]!, committed);
    pending.answerRead(ids[1]!, { ok: true, index: 1 });
    expect(outcomes).toEqual([{ kind: "unknown", reason: "the disk failed" }]);
    expect(reads).toEqual([{ ok: false, reason: "the disk failed" }]);
  });

  test("hands answers over, to be given when it is safe", () => {
    const answers: (() => void)[] = [];
    const pending = new PendingRequests("a", 1, 1, (answer) => answers.push(answer));
    const outcomes: string[] = [];
    pending.addProposal(({ kind }) => outcomes.push(kind));
    pending.tick();
    pending.abandon("");
    expect([outcomes, answers.length]).toEqual([[], 1]);
    answers[0]!();
    expect(outcomes).toEqual(["unknown"]);
  });

  test("whoever is answered may ask again at once", () => {
    const { pending, propose, outcomes } = setting(1);
    pending.addProposal(() => propose());
    pending.tick();
    expect(outcomes).toEqual([]);
    pending.tick();
    expect(outcomes).toHaveLength(1);
  });
});
