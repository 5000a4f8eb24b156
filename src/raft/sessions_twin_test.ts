/**
 * Sessions against a twin that keeps its table as a list and works everything out anew each time, over
 * arbitrary logs: retries, late numbers, rubbish, gaps in the indexes, and limits small and large.
 */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { LedgerMachine } from "./_test_ledger_machine.ts";
import { sessionRefusalOf, SessionStateMachine } from "./sessions.ts";
import type { SessionRefusal } from "./sessions.ts";
import {
  decodeSessionCommand,
  decodeSessionState,
  encodeCloseSession,
  encodeOnce,
  encodeOpenSession,
  encodeRun,
  encodeSessionId,
  encodeSessionState,
  type SessionCommand,
} from "./sessions_codec.ts";
import type { Session, SessionLimits } from "./sessions_table.ts";
import type { AppliedCommand, ApplyResult } from "./state_machine.ts";

interface LogEntry {
  readonly index: number;
  readonly command: SessionCommand;
}

const ENOUGH: SessionLimits = {
  maxSessions: 1_000_000,
  expireAfterEntries: 1_000_000,
  maxAnswerBytes: 1_000_000,
};

const arbitraryLimits: fc.Arbitrary<SessionLimits> = fc.record({
  maxSessions: fc.integer({ min: 1, max: 4 }),
  expireAfterEntries: fc.integer({ min: 1, max: 60 }),
  maxAnswerBytes: fc.integer({ min: 0, max: 80 }),
});

/** Commands of few clients with few numbers, so that they meet each other again. */
const arbitraryLog: fc.Arbitrary<LogEntry[]> = fc
  .array(
    fc.record({
      gap: fc.constantFrom(1, 1, 1, 2, 5),
      kind: fc.constantFrom("open", "run", "run", "run", "run", "run", "close", "once"),
      /** Which of the sessions opened so far. */
      place: fc.nat({ max: 5 }),
      sequence: fc.integer({ min: 1, max: 6 }),
      text: fc.constantFrom("a", "b", "!c", "dddddddddddd"),
    }),
    // Long logs, not the short ones that are tried by default.
    { maxLength: 60, size: "max" },
  )
  .map((steps) => {
    let index = 0;
    const opened: number[] = [];
    return steps.map(({ gap, kind, place, sequence, text }) => {
      index += gap;
      if (kind === "open") opened.push(index);
      // A session that nobody has opened, now and then.
      const session = opened.at(-1 - place) ?? 1_000;
      const command = new TextEncoder().encode(text);
      if (kind === "open") return { index, command: { kind } };
      if (kind === "run") return { index, command: { kind, session, sequence, command } };
      if (kind === "close") return { index, command: { kind, session } };
      return { index, command: { kind: "once", command } };
    });
  });

function encoded({ index, command }: LogEntry): AppliedCommand {
  switch (command.kind) {
    case "open":
      return { index, data: encodeOpenSession() };
    case "run":
      return { index, data: encodeRun(command.session, command.sequence, command.command) };
    case "close":
      return { index, data: encodeCloseSession(command.session) };
    case "once":
      return { index, data: encodeOnce(command.command) };
  }
}

/** Correct because it is simple: no order is kept, no sum is carried along. */
class Twin {
  readonly inner = new LedgerMachine();
  readonly #limits: SessionLimits;
  #sessions: Session[] = [];

  constructor(limits: SessionLimits) {
    this.#limits = limits;
  }

  apply({ index, command }: LogEntry): ApplyResult | SessionRefusal {
    const { maxSessions, expireAfterEntries } = this.#limits;
    this.#sessions = this.#sessions.filter((each) => index - each.usedIndex <= expireAfterEntries);
    switch (command.kind) {
      case "open":
        if (this.#sessions.length === maxSessions) this.#sessions.splice(this.#oldest(), 1);
        this.#sessions.push({ id: index, usedIndex: index, sequence: 0, answer: undefined });
        return { ok: true, output: encodeSessionId(index) };
      case "close":
        this.#sessions = this.#sessions.filter(({ id }) => id !== command.session);
        return { ok: true, output: new Uint8Array() };
      case "once":
        return this.inner.apply({ index, data: command.command });
      case "run":
        return this.#run(index, command);
    }
  }

  #run(index: number, run: Extract<SessionCommand, { kind: "run" }>): ApplyResult | SessionRefusal {
    const { sequence, command } = run;
    const place = this.#sessions.findIndex(({ id }) => id === run.session);
    const session = this.#sessions[place];
    if (session === undefined) return "expired";
    if (sequence < session.sequence) return "superseded";
    if (sequence === session.sequence) {
      this.#sessions[place] = { ...session, usedIndex: index };
      return session.answer ?? "answerForgotten";
    }
    const answer = this.inner.apply({ index, data: command });
    const { maxAnswerBytes } = this.#limits;
    const kept = bytesOf(answer) <= maxAnswerBytes ? answer : undefined;
    this.#sessions[place] = { ...session, usedIndex: index, sequence, answer: kept };
    while (this.answerBytes > maxAnswerBytes) {
      const oldest = this.#oldest((each) => each.answer !== undefined);
      this.#sessions[oldest] = { ...this.#sessions[oldest]!, answer: undefined };
    }
    return answer;
  }

  get answerBytes(): number {
    return this.#sessions.reduce((sum, { answer }) => sum + bytesOf(answer), 0);
  }

  #oldest(counts: (session: Session) => boolean = () => true): number {
    const used = this.#sessions.filter(counts).map(({ usedIndex }) => usedIndex);
    return this.#sessions.findIndex(({ usedIndex }) => usedIndex === Math.min(...used));
  }
}

function bytesOf(answer: ApplyResult | undefined): number {
  if (answer === undefined) return 0;
  return 16 + (answer.ok ? answer.output.length : 2 * answer.error.length);
}

test("sessions answer and do as the twin, within any limits", () => {
  fc.assert(
    fc.property(arbitraryLog, fc.oneof(arbitraryLimits, fc.constant(ENOUGH)), (log, limits) => {
      const twin = new Twin(limits);
      const inner = new LedgerMachine();
      const machine = new SessionStateMachine(inner, limits);
      for (const entry of log) {
        const answer = machine.apply(encoded(entry));
        expect(sessionRefusalOf(answer) ?? answer).toEqual(twin.apply(entry));
        expect(machine.answerBytes).toBe(twin.answerBytes);
        expect(machine.sessionCount).toBeLessThanOrEqual(limits.maxSessions);
      }
      expect(inner.ledger).toEqual(twin.inner.ledger);
    }),
    { numRuns: 2000 },
  );
});

test("without bounds, each number of each session is as a map of all answers has it", () => {
  fc.assert(
    fc.property(arbitraryLog, (log) => {
      const answers = new Map<string, ApplyResult>();
      const machine = new SessionStateMachine(new LedgerMachine(), ENOUGH);
      for (const entry of log) {
        const answer = machine.apply(encoded(entry));
        if (entry.command.kind !== "run" || sessionRefusalOf(answer) !== undefined) continue;
        const name = `${entry.command.session} ${entry.command.sequence}`;
        expect(answer).toEqual(answers.get(name) ?? answer);
        answers.set(name, answer);
      }
    }),
    { numRuns: 1000 },
  );
});

test("no number of a session is applied twice, nor after a later one, whatever was forgotten", () => {
  fc.assert(
    fc.property(arbitraryLog, arbitraryLimits, (log, limits) => {
      const inner = new LedgerMachine();
      const machine = new SessionStateMachine(inner, limits);
      const lastApplied = new Map<number, number>();
      for (const { index, command } of log) {
        if (command.kind === "run") {
          // A command that says which it is.
          const { session, sequence } = command;
          const name = new TextEncoder().encode(`${session} ${sequence}`);
          machine.apply({ index, data: encodeRun(session, sequence, name) });
        } else if (command.kind !== "once") {
          machine.apply(encoded({ index, command }));
        }
      }
      for (const name of inner.ledger) {
        const [session, sequence] = name.split(" ").map(Number);
        expect(sequence).toBeGreaterThan(lastApplied.get(session!) ?? 0);
        lastApplied.set(session!, sequence!);
      }
    }),
    { numRuns: 1000 },
  );
});

test("a snapshot taken and restored at any point changes nothing afterwards", () => {
  const restores = fc.func(fc.boolean());
  fc.assert(
    fc.property(arbitraryLog, arbitraryLimits, restores, (log, limits, isRestored) => {
      const steady = new SessionStateMachine(new LedgerMachine(), limits);
      let moved = new SessionStateMachine(new LedgerMachine(), limits);
      for (const entry of log) {
        if (isRestored(entry.index)) {
          const state = moved.snapshot();
          moved = new SessionStateMachine(new LedgerMachine());
          expect(moved.restore(state)).toEqual({ ok: true });
        }
        expect(moved.apply(encoded(entry))).toEqual(steady.apply(encoded(entry)));
        expect(moved.snapshot()).toEqual(steady.snapshot());
      }
    }),
    { numRuns: 500 },
  );
});

test("no bytes make apply() throw, and any that decode are what would be encoded", () => {
  const starts = fc.constantFrom([], [1], [2], [3], [4], [2, 1]);
  fc.assert(
    fc.property(starts, fc.uint8Array({ maxLength: 30 }), (start, bytes) => {
      const data = Uint8Array.from([...start, ...bytes]);
      const machine = new SessionStateMachine(new LedgerMachine());
      machine.apply({ index: 1, data: encodeOpenSession() });
      const answer = machine.apply({ index: 2, data });
      const decoded = decodeSessionCommand(data);
      if (decoded.ok) expect(encoded({ index: 2, command: decoded.value }).data).toEqual(data);
      else expect(answer.ok).toBe(false);
    }),
    { numRuns: 2000 },
  );
});

test("no damage makes restore() throw, and what is refused changes nothing", () => {
  const damage = fc.record({
    place: fc.nat(),
    flips: fc.integer({ min: 0, max: 255 }),
    cut: fc.oneof(fc.constant(0), fc.nat({ max: 20 })),
  });
  fc.assert(
    fc.property(arbitraryLog, arbitraryLimits, damage, (log, limits, { place, flips, cut }) => {
      const machine = new SessionStateMachine(new LedgerMachine(), limits);
      for (const entry of log) machine.apply(encoded(entry));
      const before = machine.snapshot();
      const damaged = before.slice(0, Math.max(before.length - cut, 0));
      if (damaged.length > 0) damaged[place % damaged.length]! ^= flips;
      const decoded = decodeSessionState(damaged);
      if (decoded.ok) expect(encodeSessionState(decoded.value)).toEqual(damaged);
      if (!machine.restore(damaged).ok) expect(machine.snapshot()).toEqual(before);
    }),
    { numRuns: 2000 },
  );
});
