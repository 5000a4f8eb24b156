/**
 * Tells people what the observers together hold of the targets. Every monitor keeps account of how long each
 * verdict lasts; the one that leads the cluster writes down what is worth telling, then what it is about to
 * tell whom, sends it, and writes down what became of it. One step after the other, each made of the
 * record as it is: that is why it does not matter where its predecessor stopped.
 */
import type { AlertsConfig } from "../config/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import type { Timers } from "../port.ts";
import type { AlertRecord, AlertResult, Silence, TextByName } from "../store/mod.ts";
import { AlertLog } from "./alert_log.ts";
import { Believing } from "./believing.ts";
import { HoldingBack, type HoldingWorld } from "./holding_back.ts";
import { Leaderless, type LeaderlessWorld } from "./leaderless.ts";
import type { AlertFacts, AlertsReading, AlertsStatus, SilenceResult } from "./reading.ts";
import { Receivers } from "./receivers.ts";
import { RecordAges } from "./record_ages.ts";
import { RecordWriter } from "./record_writer.ts";
import { NotificationCounts } from "./notification_counts.ts";
import { Sender, type SenderWorld } from "./sender.ts";
import { factsOf, statusOf } from "./status.ts";
import { Turns } from "./turns.ts";
import { VerdictWatch } from "./verdict_watch.ts";

export interface AlertsWorld extends SenderWorld, HoldingWorld, LeaderlessWorld {
  readonly observers: Pick<
    ObserversReading,
    "combined" | "onCombinedChange" | "isMinority" | "observers"
  >;
  readonly record: AlertRecord;
  /** The targets that are watched. */
  readonly targets: {
    names(): Iterable<string>;
    /** Undefined for one that is not watched. */
    labelsOf(target: string): TextByName | undefined;
    /** Calls back for each that is not watched any more, until the result is called. */
    onGone(listener: (target: string) => void): () => void;
  };
  /** Names the term in which this monitor leads; undefined while it does not. */
  readonly leadership: () => string | undefined;
  readonly timers: Timers;
}

/** How often is looked whether a wait is over: a `for`, a group's, a silence's. */
const LOOK_EVERY_MS = 500;
/** What happens within so long is looked at together. */
const TOGETHER_MS = 20;

export class Alerts implements AlertsReading {
  readonly #world: AlertsWorld;
  readonly #verdicts = new VerdictWatch();
  readonly #believing = new Believing(this.#verdicts);
  readonly #receivers = new Receivers((receiver) => this.#sender.deliveryTo(receiver));
  /** Takes the place of what is there with the next turn: no step is under way then. */
  #nextConfig: AlertsConfig | undefined;
  readonly #sender: Sender;
  readonly #counts = new NotificationCounts();
  readonly #log: AlertLog;
  readonly #holding: HoldingBack;
  readonly #leaderless: Leaderless;
  readonly #ends: (() => void)[];
  /** The leadership under which the record was read: what it says is then known to be all. */
  #caughtUpIn: string | undefined;
  readonly #ages = new RecordAges();
  readonly #recorder: RecordWriter;
  readonly #turns: Turns;
  #isClosed = false;

  /** Without a config it sends nothing, and shows what others record. Begins at once. */
  constructor(config: AlertsConfig | undefined, world: AlertsWorld) {
    this.#world = world;
    const { observers, targets, record } = world;
    this.#log = new AlertLog(this.#counts, this.#receivers, (...line) => world.tell(...line));
    this.#recorder = new RecordWriter(world, {
      verdicts: this.#verdicts,
      receivers: this.#receivers,
      ages: this.#ages,
      log: this.#log,
    });
    this.#holding = new HoldingBack(world, this.#recorder);
    this.#leaderless = new Leaderless(world);
    this.#sender = new Sender(world, {
      receivers: this.#receivers,
      log: this.#log,
      onAttempt: () => this.#happened(),
    });
    this.#nextConfig = config;
    this.#takeOver();
    this.#verdicts.begin(targets.names(), observers, world.nowMs());
    this.#ends = [
      observers.onCombinedChange((change) => {
        // It was deleted and forgotten, and its watch ends some turns later.
        if (targets.labelsOf(change.target) === undefined) return;
        this.#believing.onChange(change, observers.isMinority, world.nowMs());
        this.#happened();
      }),
      targets.onGone((target) => {
        this.#verdicts.forget(target);
        this.#believing.forget(target);
        this.#happened();
      }),
      record.subscribe(() => this.#happened()),
    ];
    this.#turns = new Turns({
      timers: world.timers,
      togetherMs: TOGETHER_MS,
      everyMs: LOOK_EVERY_MS,
      turn: () => this.#turn(),
      onDefect: (error) => world.tell("error", `alerts: a defect: ${String(error)}`),
    });
  }

  /** From now on it tells those, and as this says; what it owes to others it forgets after some minutes. */
  reconfigure(config: AlertsConfig): void {
    this.#nextConfig = config;
    this.#happened();
  }

  status(): AlertsStatus {
    return statusOf(this.#shown(), this.#world);
  }

  facts(): AlertFacts {
    return factsOf(this.#shown(), this.#counts);
  }

  silences(): readonly Silence[] {
    return [...this.#world.record.readLocal().silences.values()];
  }

  async silence(silence: Silence): Promise<SilenceResult> {
    const { record, olderMembers } = this.#world;
    const older = record.isUntouched ? olderMembers() : [];
    if (older.length > 0) return { ok: false, reason: "older_members", members: older };
    return await record.run({ kind: "silence", silence });
  }

  /** Where nothing was ever recorded there is nothing to end, and no command that an older member could not read. */
  async unsilence(id: string): Promise<AlertResult> {
    const { record } = this.#world;
    if (record.isUntouched) {
      const read = await record.read();
      if (!read.ok)
        return { ok: false, reason: "unavailable", outcome: "failed", detail: read.detail };
      if (record.isUntouched) return { ok: false, reason: "unknown_silence" };
    }
    return await record.run({ kind: "unsilence", id });
  }

  /** Sends nothing more, and hears of nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#turns.close();
    this.#sender.rest();
    for (const end of this.#ends) end();
  }

  #shown() {
    const isSender = this.#caughtUpIn !== undefined;
    const { record, clock } = this.#world;
    return {
      config: this.#receivers.config,
      desks: this.#receivers.desks,
      deliveries: this.#receivers.deliveries,
      verdicts: this.#verdicts,
      contents: record.readLocal(),
      wallMs: clock.wallMs(),
      nowMs: this.#world.nowMs(),
      ages: this.#ages,
      isSender,
      hold: isSender ? this.#holding.hold : this.#isIdleLeader ? ("not_configured" as const) : null,
    };
  }

  /** It leads a cluster that alerts, and cannot send. */
  get #isIdleLeader(): boolean {
    const { record, leadership } = this.#world;
    return (
      this.#receivers.config === undefined && !record.isUntouched && leadership() !== undefined
    );
  }

  #happened(): void {
    this.#recorder.happened();
    this.#turns.happened();
  }

  #takeOver(): void {
    if (this.#nextConfig === undefined) return;
    this.#receivers.takeOver(this.#nextConfig, this.#world.nowMs());
    this.#counts.begin(this.#nextConfig.receivers.map(({ name }) => name));
    // Another rule may make news of what was looked at under the old one.
    this.#verdicts.lookAgain();
    this.#nextConfig = undefined;
  }

  async #turn(): Promise<void> {
    this.#takeOver();
    const { observers, record, nowMs } = this.#world;
    if (this.#believing.look(observers.isMinority, nowMs())) this.#recorder.happened();
    this.#ages.look(record.readLocal(), nowMs());
    const term = this.#world.leadership();
    if (this.#caughtUpIn !== undefined && term !== this.#caughtUpIn) this.#stepDown();
    if (this.#leaderless.lasts()) {
      this.#sender.repeat(() => this.#leaderless.repeatable(record.readLocal()));
    } else if (term === undefined) this.#sender.rest();
    else if (this.#receivers.config !== undefined) await this.#lead(term);
  }

  async #lead(term: string): Promise<void> {
    const { record } = this.#world;
    if (this.#caughtUpIn === undefined) {
      const read = await record.read();
      if (!read.ok || !this.#leadsIn(term)) return;
      this.#caughtUpIn = term;
    }
    await this.#recorder.write(() => this.#leadsIn(term) && this.#holding.mayTell());
    if (!this.#leadsIn(term)) return this.#stepDown();
    // What is recorded already is sent even if nothing can be recorded.
    if (this.#holding.mayTell()) this.#sender.attend(record.readLocal());
    this.#sender.repeat(() => record.readLocal().incidents.values());
  }

  #leadsIn(term: string): boolean {
    return !this.#isClosed && this.#world.leadership() === term;
  }

  #stepDown(): void {
    this.#caughtUpIn = undefined;
    this.#holding.rest();
    this.#recorder.rest();
    this.#verdicts.lookAgain();
    this.#sender.rest();
  }
}
