/** Sessions for tests, on a log that a test holds in its hands. */
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import {
  SessionStateMachine,
  type ApplyResult,
  type ProposalOutcome,
  type StateMachine,
} from "../raft/mod.ts";
import type { CommandOutcome } from "./client_session.ts";
import { ClientSessions, type ClientSessionsOptions } from "./client_sessions.ts";

/** Appends each command to a list, and answers with its place in it. */
class ListMachine implements StateMachine {
  readonly applied: string[] = [];

  apply({ data }: { readonly data: Uint8Array }): ApplyResult {
    this.applied.push(new TextDecoder().decode(data));
    return { ok: true, output: Uint8Array.of(this.applied.length) };
  }
  snapshot(): Uint8Array {
    return new Uint8Array();
  }
  restore(): { readonly ok: true } {
    return { ok: true };
  }
}

/** A log whose every proposal waits until the test says what becomes of it. */
class HandHeldLog {
  readonly list = new ListMachine();
  readonly machine = new SessionStateMachine(this.list);
  readonly waiting: { data: Uint8Array; done: (outcome: ProposalOutcome) => void }[] = [];
  halted: string | undefined;
  leadership: string | undefined = "1 a";
  proposedCount = 0;
  #index = 1;

  propose(data: Uint8Array, done: (outcome: ProposalOutcome) => void): void {
    this.proposedCount++;
    this.waiting.push({ data, done });
  }

  briefStatus() {
    return { halted: this.halted };
  }

  /** Applies the next one, and tells it so unless it is not to hear. */
  commit({ isHeard = true } = {}): void {
    const { data, done } = this.waiting.shift()!;
    const index = ++this.#index;
    const result = this.machine.apply({ index, data });
    if (isHeard) done({ kind: "committed", index, result });
  }

  end(kind: "dropped" | "unknown", reason = "there is no leader"): void {
    this.waiting.shift()!.done({ kind, reason });
  }

  answer(result: ApplyResult): void {
    this.waiting.shift()!.done({ kind: "committed", index: ++this.#index, result });
  }
}

/** At most two sessions, at most two that wait, and 1,500 ms, if nothing else is said. */
export function setUp(options: Partial<ClientSessionsOptions> = {}) {
  const log = new HandHeldLog();
  const time = new VirtualTime();
  const sessions = new ClientSessions(
    log,
    { timers: time, leadership: () => log.leadership },
    { maxSessions: 2, maxWaiting: 2, deadlineMs: 1_500, ...options },
  );
  const outcomes: [string, CommandOutcome][] = [];
  const run = (name: string) =>
    sessions.run(new TextEncoder().encode(name), (outcome) => outcomes.push([name, outcome]));
  return { log, time, sessions, outcomes, run };
}

/** The session is open, and its first command proposed. */
export function proposed(options: Partial<ClientSessionsOptions> = {}) {
  const world = setUp(options);
  world.run("x");
  world.log.commit();
  return world;
}

/** The answer to the command that was applied as the so manyth. */
export const answered = (place: number): CommandOutcome => ({
  kind: "answered",
  result: { ok: true, output: Uint8Array.of(place) },
});
