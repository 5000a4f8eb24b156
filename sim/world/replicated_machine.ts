/**
 * What each simulated member replicates: the registers inside the session table of `src/raft`, so that
 * a command tried several times is applied once. The world's own twin is one of these too.
 */
import {
  type AppliedCommand,
  type ApplyResult,
  SessionStateMachine,
  type StateMachine,
} from "../../src/raft/mod.ts";
import type { Replica } from "./invariants/committed_log.ts";
import { type OnEffect, RegisterMachine } from "./register_machine.ts";

export interface SessionSettings {
  readonly maxSessions: number;
  readonly expireAfterEntries: number;
  readonly maxAnswerBytes: number;
}

export class ReplicatedMachine implements Replica {
  readonly #registers: RegisterMachine;
  readonly #sessions: SessionStateMachine;

  constructor(settings: SessionSettings, onEffect?: OnEffect) {
    this.#registers = new RegisterMachine(onEffect);
    this.#sessions = new SessionStateMachine(this.#registers, settings);
  }

  get historyHash(): number {
    return this.#registers.historyHash;
  }

  valueOf(key: number): number {
    return this.#registers.valueOf(key);
  }

  apply(command: AppliedCommand): ApplyResult {
    return this.#sessions.apply(command);
  }

  snapshot(): Uint8Array {
    return this.#sessions.snapshot();
  }

  snapshotParts(): Iterable<Uint8Array> {
    return this.#sessions.snapshotParts();
  }

  restore(data: Uint8Array): ReturnType<StateMachine["restore"]> {
    return this.#sessions.restore(data);
  }
}
