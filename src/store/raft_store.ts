/**
 * The replicated `ConfigStore`: writes go into the log in sessions and are answered by what was applied
 * here, linearizable reads wait until all that was acknowledged is applied here, and local reads show
 * what is. A cluster of one is no other case. Who builds one hosts the `RaftMember`, on the same
 * `ConfigMachine` in a `SessionStateMachine`, and runs its ticks.
 */
import type { Target } from "../config/mod.ts";
import type { Timers } from "../port.ts";
import type { ChangeListener } from "./change_feed.ts";
import type { CommandOutcome } from "./client_session.ts";
import { decodeDecided, encodeWrite, isLaterWrite } from "./config_codec.ts";
import type { ConfigMachine } from "./config_machine.ts";
import { checkIdempotency, type ConfigWrite } from "./config_write.ts";
import { checkRange, LogAccess, type LogMember } from "./log_access.ts";
import type {
  ConfigSnapshot,
  ConfigStore,
  ReadResult,
  WriteOptions,
  WriteResult,
} from "./store.ts";

export interface RaftConfigStoreOptions {
  readonly member: LogMember;
  /** The one that the member's log is applied to. */
  readonly machine: Pick<ConfigMachine, "readLocal" | "subscribe" | "lackedIndex">;
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
  /**
   * The largest write that is taken, in bytes of the log. What is larger than the log takes is refused there
   * again and again until the deadline, as if it might be taken yet. Default: what `RaftOptions.maxCommandBytes`
   * is by default, 16 MiB, less 64 for what a session puts in front.
   */
  readonly maxWriteBytes?: number;
  /**
   * Members that cannot read targets with models and budgets. While there is one, a write of such a target
   * fails: a member that passes it over would watch another config. Default: nobody.
   */
  readonly olderMembers?: () => readonly string[];
}

export class RaftConfigStore implements ConfigStore {
  readonly #machine: RaftConfigStoreOptions["machine"];
  readonly #log: LogAccess;
  readonly #maxWriteBytes: number;
  readonly #olderMembers: () => readonly string[];

  /** Throws RangeError for a number out of its range. */
  constructor(options: RaftConfigStoreOptions) {
    const { member, machine, timers } = options;
    const { deadlineMs = 1_500, maxWritesUnderWay = 64, maxWritesWaiting = 1_024 } = options;
    const { maxWriteBytes = 16 * 2 ** 20 - 64 } = options;
    const what = "RaftConfigStore";
    checkRange(what, "deadlineMs", deadlineMs, 1, 600_000);
    checkRange(what, "maxWritesUnderWay", maxWritesUnderWay, 1, 1_000);
    checkRange(what, "maxWritesWaiting", maxWritesWaiting, 0, 1_000_000);
    checkRange(what, "maxWriteBytes", maxWriteBytes, 1, 2 ** 30);
    this.#machine = machine;
    this.#maxWriteBytes = maxWriteBytes;
    this.#olderMembers = options.olderMembers ?? (() => []);
    this.#log = new LogAccess(member, timers, {
      maxSessions: maxWritesUnderWay,
      maxWaiting: maxWritesWaiting,
      deadlineMs,
    });
  }

  async read(): Promise<ReadResult> {
    const caughtUp = await this.#log.caughtUp(() => this.readLocal());
    if (caughtUp.ok) return { ok: true, snapshot: caughtUp.value };
    return { ok: false, reason: "unavailable", detail: caughtUp.detail };
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
    this.#log.close();
  }

  async #write(write: ConfigWrite): Promise<WriteResult> {
    checkIdempotency(write.idempotency);
    const lack = this.#lack();
    if (lack !== undefined) return unavailable("failed", lack);
    const older = isLaterWrite(write) ? this.#olderMembers() : [];
    if (older.length > 0) {
      const who = older.join(", ");
      const detail = `it has a model or a budget, which an earlier version of phi, at work or not heard yet on ${who}, cannot read; upgrade that first`;
      return unavailable("failed", detail);
    }
    const command = encodeWrite(write);
    const [writeBytes, limitBytes] = [command.length, this.#maxWriteBytes];
    if (writeBytes > limitBytes) return { ok: false, reason: "too_large", writeBytes, limitBytes };
    const result = writeResultOf(await this.#log.run(command));
    const lackByNow = this.#lack();
    return lackByNow === undefined ? result : unavailable("unknown", lackByNow);
  }

  /** Why what this member makes of a write is not what the cluster does; undefined where it is. */
  #lack(): string | undefined {
    const { lackedIndex } = this.#machine;
    if (lackedIndex === undefined) return undefined;
    return `this version of phi cannot read entry ${lackedIndex} of the log, so that it does not know what a write comes to; upgrade this monitor, and write by way of another meanwhile`;
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
