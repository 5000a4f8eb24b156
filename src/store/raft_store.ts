/**
 * The replicated `ConfigStore`: writes go into the log in sessions and are answered by what was applied
 * here, linearizable reads wait until all that was acknowledged is applied here, and local reads show
 * what is. A cluster of one is no other case. Who builds one hosts the `RaftMember`, on the same
 * `ConfigMachine` in a `SessionStateMachine`, and runs its ticks.
 */
import type { Target } from "../config/mod.ts";
import type { MemberStatus, RaftMember, ReadOutcome } from "../raft/mod.ts";
import type { Timers } from "../port.ts";
import { Attempts, type AttemptsWorld } from "./attempts.ts";
import type { ChangeListener } from "./change_feed.ts";
import type { CommandOutcome } from "./client_session.ts";
import { ClientSessions } from "./client_sessions.ts";
import { decodeDecided, encodeWrite } from "./config_codec.ts";
import type { ConfigMachine } from "./config_machine.ts";
import { checkIdempotency, type ConfigWrite } from "./config_write.ts";
import type {
  ConfigSnapshot,
  ConfigStore,
  ReadResult,
  WriteOptions,
  WriteResult,
} from "./store.ts";

/** As much of a `RaftMember` as a store needs. */
export interface ConfigMember extends Pick<RaftMember, "propose" | "read"> {
  /** `halted`: why nothing can be decided by way of this member any more; undefined while it can. */
  briefStatus(): Pick<MemberStatus, "halted" | "leader" | "term">;
}

export interface RaftConfigStoreOptions {
  readonly member: ConfigMember;
  /** The one that the member's log is applied to. */
  readonly machine: Pick<ConfigMachine, "readLocal" | "subscribe">;
  readonly timers: Timers;
  /**
   * Until a write or a read is answered. More rides out longer elections; less tells sooner. Default
   * 1,500, so that who asks over HTTP has an answer within 2 s.
   */
  readonly deadlineMs?: number;
  /**
   * Writes under way at a time, each in a session of its own. More: throughput, and more sessions in
   * every snapshot. 1..1,000: the cluster keeps about a thousand sessions for all its members. Default 64.
   */
  readonly maxWritesUnderWay?: number;
  /** Writes that wait; more are refused as failed. Default 1,024. */
  readonly maxWritesWaiting?: number;
}

export class RaftConfigStore implements ConfigStore {
  readonly #member: ConfigMember;
  readonly #machine: Pick<ConfigMachine, "readLocal" | "subscribe">;
  readonly #world: AttemptsWorld;
  readonly #deadlineMs: number;
  readonly #sessions: ClientSessions;
  /** Ends a read that is under way, with why. */
  readonly #reads = new Set<(detail: string) => void>();

  /** Throws RangeError for a number out of its range. */
  constructor(options: RaftConfigStoreOptions) {
    const { member, machine, timers } = options;
    const { deadlineMs = 1_500, maxWritesUnderWay = 64, maxWritesWaiting = 1_024 } = options;
    checkRange("deadlineMs", deadlineMs, 1, 600_000);
    checkRange("maxWritesUnderWay", maxWritesUnderWay, 1, 1_000);
    checkRange("maxWritesWaiting", maxWritesWaiting, 0, 1_000_000);
    this.#member = member;
    this.#machine = machine;
    this.#deadlineMs = deadlineMs;
    const leadership = () => {
      const { leader, term } = member.briefStatus();
      return leader === undefined ? undefined : `${term} ${leader}`;
    };
    this.#world = { timers, leadership };
    this.#sessions = new ClientSessions(member, this.#world, {
      maxSessions: maxWritesUnderWay,
      maxWaiting: maxWritesWaiting,
      deadlineMs,
    });
  }

  read(): Promise<ReadResult> {
    return new Promise((resolve) => this.#read(resolve));
  }

  readLocal(): ConfigSnapshot {
    return this.#machine.readLocal();
  }

  put(target: Target, options?: WriteOptions): Promise<WriteResult> {
    return this.#write({ ...options, kind: "put", target });
  }

  delete(name: string, options?: WriteOptions): Promise<WriteResult> {
    return this.#write({ ...options, kind: "delete", name });
  }

  replace(targets: readonly Target[], options?: WriteOptions): Promise<WriteResult> {
    return this.#write({ ...options, kind: "replace", targets });
  }

  subscribe(listener: ChangeListener): () => void {
    return this.#machine.subscribe(listener);
  }

  /** Answers all that is under way with what is known of it, now; later writes fail. */
  close(): void {
    this.#sessions.close();
    for (const end of this.#reads) end("this monitor is stopping");
  }

  async #write(write: ConfigWrite): Promise<WriteResult> {
    checkIdempotency(write.idempotency);
    const command = encodeWrite(write);
    const outcome = await new Promise<CommandOutcome>((resolve) => {
      this.#sessions.run(command, resolve);
    });
    return writeResultOf(outcome);
  }

  #read(done: (result: ReadResult) => void): void {
    const { halted } = this.#member.briefStatus();
    if (halted !== undefined) return done({ ok: false, reason: "unavailable", detail: halted });
    let reason = "no answer came";
    const settle = (result: ReadResult) => {
      attempts.stop();
      cancelDeadline();
      this.#reads.delete(fail);
      done(result);
    };
    const fail = (detail: string) => settle({ ok: false, reason: "unavailable", detail });
    const isSettledBy = (outcome: ReadOutcome) => {
      // The moment at which the state has what it must have is this one.
      if (outcome.ok) settle({ ok: true, snapshot: this.readLocal() });
      else {
        const { halted: over } = this.#member.briefStatus();
        if (over !== undefined) fail(over);
        reason = outcome.reason;
      }
      return false;
    };
    const begin = (ended: (outcome: ReadOutcome) => void) => this.#member.read(ended);
    const attempts = new Attempts<ReadOutcome>(this.#world, { begin, isSettledBy });
    const cancelDeadline = this.#world.timers.after(this.#deadlineMs, () =>
      fail(`nothing came of it within ${this.#deadlineMs} ms: ${reason}`),
    );
    this.#reads.add(fail);
    attempts.begin();
  }
}

function writeResultOf(outcome: CommandOutcome): WriteResult {
  if (outcome.kind !== "answered") return unavailable(outcome.kind, outcome.detail);
  const { result } = outcome;
  if (result.ok) {
    const decided = decodeDecided(result.output);
    if (decided.ok) return decided.value;
    return unavailable("unknown", `its answer cannot be read: ${decided.detail}`);
  }
  return unavailable(result.isPassedOver ? "unknown" : "failed", result.error);
}

function unavailable(outcome: "failed" | "unknown", detail: string): WriteResult {
  return { ok: false, reason: "unavailable", outcome, detail };
}

function checkRange(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new RangeError(
    `Cannot create RaftConfigStore: "${name}" must be a whole number in ${least}..${most}, ` +
      `received ${value}`,
  );
}
