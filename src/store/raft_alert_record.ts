/**
 * The replicated alert record: commands go into the log in sessions and are answered by what was applied here.
 * As `RaftConfigStore`, on the same member and its `ClusterMachine`.
 */
import type { Timers } from "../port.ts";
import { decodeAlertAnswer, encodeAlertCommand } from "./alert_codec.ts";
import type { AlertMachine } from "./alert_machine.ts";
import type { AlertAnswer, AlertCommand, AlertContents } from "./alert_record.ts";
import type { CommandOutcome } from "./client_session.ts";
import { LogAccess, type LogMember, type LogRead } from "./log_access.ts";

/** How a command ended. */
export type AlertResult =
  | AlertAnswer
  /** `failed`: it has had no effect and never will. `unknown`: it may have had, or may have yet. */
  | {
      readonly ok: false;
      readonly reason: "unavailable";
      readonly outcome: "failed" | "unknown";
      readonly detail: string;
    };

/** The record as its users see it. Nothing here rejects. */
export interface AlertRecord {
  /** What this monitor has now; may be behind. After a command was answered `ok` here, it has it. */
  readLocal(): AlertContents;
  /** As `readLocal`, once this monitor has all that was acknowledged anywhere before the call. */
  read(): Promise<LogRead<AlertContents>>;
  run(command: AlertCommand): Promise<AlertResult>;
  /** Calls back when the record may have changed, until the result is called. It must not throw. */
  subscribe(listener: () => void): () => void;
  /** Whether nobody has ever written to it. */
  readonly isUntouched: boolean;
}

export interface RaftAlertRecordOptions {
  readonly member: LogMember;
  readonly machine: AlertMachine;
  readonly timers: Timers;
  /** Until a command or a read is answered. Default 1,500. */
  readonly deadlineMs?: number;
}

/** The one that leads writes one command at a time; the rest are silences that people write. */
const COMMANDS_UNDER_WAY = 4;
const COMMANDS_WAITING = 64;

export class RaftAlertRecord implements AlertRecord {
  readonly #machine: AlertMachine;
  readonly #log: LogAccess;

  constructor({ member, machine, timers, deadlineMs = 1_500 }: RaftAlertRecordOptions) {
    this.#machine = machine;
    this.#log = new LogAccess(member, timers, {
      maxSessions: COMMANDS_UNDER_WAY,
      maxWaiting: COMMANDS_WAITING,
      deadlineMs,
    });
  }

  get isUntouched(): boolean {
    return this.#machine.isUntouched;
  }

  readLocal(): AlertContents {
    return this.#machine.readLocal();
  }

  read(): Promise<LogRead<AlertContents>> {
    return this.#log.caughtUp(() => this.readLocal());
  }

  async run(command: AlertCommand): Promise<AlertResult> {
    return resultOf(await this.#log.run(encodeAlertCommand(command)));
  }

  subscribe(listener: () => void): () => void {
    return this.#machine.subscribe(listener);
  }

  /** Answers all that is under way with what is known of it, now; later commands fail. */
  close(): void {
    this.#log.close();
  }
}

function resultOf(outcome: CommandOutcome): AlertResult {
  if (outcome.kind !== "answered") return unavailable(outcome.kind, outcome.detail);
  const { result } = outcome;
  if (!result.ok) return unavailable(result.isPassedOver ? "unknown" : "failed", result.error);
  const answer = decodeAlertAnswer(result.output);
  if (answer.ok) return answer.value;
  return unavailable("unknown", `its answer cannot be read: ${answer.detail}`);
}

function unavailable(outcome: "failed" | "unknown", detail: string): AlertResult {
  return { ok: false, reason: "unavailable", outcome, detail };
}
