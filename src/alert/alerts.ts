/**
 * Tells people what the observers together hold of the targets. Every monitor keeps account of how long each
 * verdict lasts; the one that leads the cluster writes down what is worth telling, then what it is about to
 * tell whom, sends it, and writes down what became of it. One step after the other, each made of the
 * record as it is: that is why it does not matter where its predecessor stopped.
 */
import type { AlertReceiver, AlertsConfig } from "../config/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import type { Random, Timers } from "../port.ts";
import type {
  AlertCommand,
  AlertContents,
  AlertRecord,
  AlertResult,
  Notice,
  Silence,
  TextByName,
} from "../store/mod.ts";
import { Delivery } from "./delivery.ts";
import { nextCommand, whyGivenUp, type PlanWorld } from "./plan.ts";
import type { PostOutcome } from "./post.ts";
import type {
  AlertFacts,
  AlertsReading,
  AlertsStatus,
  Hold,
  NotificationOutcome,
  SilenceResult,
} from "./reading.ts";
import { ReceiverDesk } from "./receiver_desk.ts";
import { Messenger, type MessengerWorld } from "./messenger.ts";
import { NotificationCounts } from "./notification_counts.ts";
import { factsOf, statusOf } from "./status.ts";
import { VerdictWatch } from "./verdict_watch.ts";

export interface AlertsWorld extends MessengerWorld {
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
  /** Members that do not read alerts, or may not: until the first alert they are waited for. */
  readonly olderMembers: () => readonly string[];
  readonly timers: Timers;
  readonly random: Random;
  readonly tell: (level: "info" | "warning", line: string) => void;
}

/** How often is looked whether a wait is over: a `for`, a group's, a silence's. */
const LOOK_EVERY_MS = 500;
/** Steps in a row before the event loop and others have their turn. */
const MAX_STEPS_A_TURN = 50;

export class Alerts implements AlertsReading {
  readonly #config: AlertsConfig | undefined;
  readonly #world: AlertsWorld;
  readonly #verdicts = new VerdictWatch();
  readonly #desks: readonly ReceiverDesk[];
  readonly #messenger: Messenger;
  readonly #deliveries = new Map<string, Delivery>();
  readonly #counts: NotificationCounts;
  readonly #ends: (() => void)[];
  /** The leadership under which the record was read: what it says is then known to be all. */
  #caughtUpIn: string | undefined;
  #hold: Hold | null = null;
  #isTurning = false;
  /** Something happened during a turn. */
  #isDueAgain = false;
  #cancelTurn: (() => void) | undefined;
  #isClosed = false;

  /** Without a config it sends nothing, and shows what others record. Begins at once. */
  constructor(config: AlertsConfig | undefined, world: AlertsWorld) {
    this.#config = config;
    this.#world = world;
    const { observers, targets, record } = world;
    const receivers = config?.receivers ?? [];
    this.#desks = receivers.map((receiver) => new ReceiverDesk(receiver, world.nowMs()));
    this.#counts = new NotificationCounts(receivers.map(({ name }) => name));
    this.#messenger = new Messenger(world);
    for (const receiver of receivers) this.#deliveries.set(receiver.name, this.#delivery(receiver));
    this.#verdicts.begin(targets.names(), observers, world.nowMs());
    this.#ends = [
      observers.onCombinedChange((change) => {
        this.#verdicts.onChange(change, world.nowMs());
        this.#turnSoon(0);
      }),
      targets.onGone((target) => this.#verdicts.forget(target)),
      record.subscribe(() => this.#turnSoon(0)),
    ];
    this.#turnSoon(0);
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

  unsilence(id: string): Promise<AlertResult> {
    return this.#world.record.run({ kind: "unsilence", id });
  }

  /** Sends nothing more, and hears of nothing more. */
  close(): void {
    this.#isClosed = true;
    this.#cancelTurn?.();
    for (const end of this.#ends) end();
  }

  #shown() {
    const isSender = this.#caughtUpIn !== undefined;
    const { record, clock } = this.#world;
    return {
      config: this.#config,
      desks: this.#desks,
      deliveries: this.#deliveries,
      verdicts: this.#verdicts,
      contents: record.readLocal(),
      wallMs: clock.wallMs(),
      nowMs: this.#world.nowMs(),
      isSender,
      hold: isSender ? this.#hold : this.#isIdleLeader ? ("not_configured" as const) : null,
    };
  }

  /** It leads, and cannot send. */
  get #isIdleLeader(): boolean {
    return this.#config === undefined && this.#world.leadership() !== undefined;
  }

  #turnSoon(delayMs: number): void {
    if (this.#isTurning) this.#isDueAgain = true;
    if (this.#isClosed || this.#isTurning) return;
    this.#cancelTurn?.();
    this.#cancelTurn = this.#world.timers.after(delayMs, () => void this.#turn());
  }

  async #turn(): Promise<void> {
    this.#isTurning = true;
    this.#isDueAgain = false;
    await this.#lead();
    this.#isTurning = false;
    this.#turnSoon(this.#isDueAgain ? 0 : LOOK_EVERY_MS);
  }

  async #lead(): Promise<void> {
    const term = this.#world.leadership();
    if (term !== this.#caughtUpIn) this.#stepDown();
    if (term === undefined || this.#config === undefined) return;
    if (this.#caughtUpIn === undefined) {
      const read = await this.#world.record.read();
      if (!read.ok || !this.#leadsIn(term)) return;
      this.#caughtUpIn = term;
    }
    for (let steps = 0; steps < MAX_STEPS_A_TURN && this.#mayDecide(); steps++) {
      const goesOn = await this.#step();
      if (!this.#leadsIn(term)) return this.#stepDown();
      if (!goesOn) break;
    }
    this.#send();
  }

  #leadsIn(term: string): boolean {
    return !this.#isClosed && this.#world.leadership() === term;
  }

  #stepDown(): void {
    this.#caughtUpIn = undefined;
    for (const delivery of this.#deliveries.values()) delivery.rest();
    this.#messenger.rest();
  }

  /** Writes the next thing down; false if there is none, or it could not be written. */
  async #step(): Promise<boolean> {
    const { record, clock, nowMs } = this.#world;
    const contents = record.readLocal();
    const moment = { nowMs: nowMs(), wallMs: clock.wallMs() };
    const command = this.#settling(contents) ?? nextCommand(this.#plan(), contents, moment);
    if (command === undefined) return false;
    const result = await record.run(command);
    if (!result.ok) return false;
    this.#written(command, contents);
    return result.count > 0;
  }

  /** What became of the notices that were sent. */
  #settling({ notices }: AlertContents): AlertCommand | undefined {
    const outcomes = [...notices.values()].flatMap(
      (notice) => this.#deliveries.get(notice.receiver)?.settledOf(notice) ?? [],
    );
    return outcomes.length === 0 ? undefined : { kind: "settle", outcomes };
  }

  #plan(): PlanWorld {
    const { targets } = this.#world;
    return {
      config: this.#config!,
      desks: this.#desks,
      verdicts: this.#verdicts,
      labelsOf: (target) => targets.labelsOf(target),
    };
  }

  /** What has to be remembered, or said, of a command that is in the record now. */
  #written(command: AlertCommand, before: AlertContents): void {
    const after = this.#world.record.readLocal();
    if (command.kind === "open") this.#tellDropped(command.incidents, after);
    if (command.kind === "settle") this.#tellGivenUp(command.outcomes, before);
    if (command.kind !== "notify") return;
    for (const { receiver } of command.notices) {
      const desk = this.#desks.find((each) => each.receiver.name === receiver);
      if (after.notices.has(receiver)) desk?.noticed(this.#world.nowMs());
    }
  }

  /** Of those that had no room in the record. */
  #tellDropped(
    incidents: Extract<AlertCommand, { kind: "open" }>["incidents"],
    { incidents: recorded }: AlertContents,
  ): void {
    const open = new Set(
      [...recorded.values()].flatMap(({ target, verdict, closing }) =>
        closing === undefined ? [`${verdict} ${target}`] : [],
      ),
    );
    const lost = incidents.filter(({ target, verdict }) => !open.has(`${verdict} ${target}`));
    for (const { target } of lost) this.#verdicts.giveUp(target);
    if (lost.length === 0) return;
    const names = lost.slice(0, 5).map(({ target }) => target);
    this.#world.tell(
      "warning",
      `alerts: ${lost.length} incidents are dropped, there is no room for more: ${names.join(", ")}`,
    );
  }

  #tellGivenUp(
    outcomes: Extract<AlertCommand, { kind: "settle" }>["outcomes"],
    { notices }: AlertContents,
  ): void {
    for (const { number, isDelivered } of outcomes) {
      const notice = [...notices.values()].find((each) => each.number === number);
      if (isDelivered || notice === undefined) continue;
      const { receiver, firing, resolved } = notice;
      const expired = whyGivenUp(notice, this.#desks, this.#world.clock.wallMs());
      if (expired !== undefined) this.#counts.add(receiver, "expired");
      const why = expired ?? this.#deliveries.get(receiver)?.lastError ?? "it was refused";
      const count = firing.length + resolved.length;
      this.#world.tell("warning", `alerts: ${receiver} is not told of ${count} incidents: ${why}`);
    }
  }

  #mayDecide(): boolean {
    const hold = this.#holdNow();
    if (hold !== this.#hold) {
      this.#hold = hold;
      if (hold === null) this.#world.tell("info", "alerts: this monitor sends them");
      else this.#world.tell("warning", `alerts: nothing new is sent: ${this.#sayHold(hold)}`);
    }
    return hold === null;
  }

  #holdNow(): Hold | null {
    const { observers, record, olderMembers } = this.#world;
    if (observers.isMinority) return "minority";
    const doubts = observers.observers().find(({ isSelf }) => isSelf)?.doubts ?? [];
    // That many targets look suspicious is for the combined verdict to judge, and it has.
    if (doubts.some((doubt) => doubt !== "many_suspected")) return "in_doubt";
    return record.isUntouched && olderMembers().length > 0 ? "older_members" : null;
  }

  #sayHold(hold: Hold): string {
    switch (hold) {
      case "minority":
        return "this monitor hears fewer observers than a majority";
      case "in_doubt":
        return "this monitor doubts itself";
      case "older_members":
        return `${this.#world.olderMembers().join(", ")} may run a version that knows of no alerts`;
      case "not_configured":
        return "it was given no alerts file";
    }
  }

  /** Attempts what is under way, and repeats what Alertmanager would forget. */
  #send(): void {
    const contents = this.#world.record.readLocal();
    if (this.#hold === null) {
      for (const [receiver, delivery] of this.#deliveries) {
        delivery.attend(contents.notices.get(receiver));
      }
    }
    for (const { receiver } of this.#desks) {
      if (receiver.kind === "alertmanager") this.#messenger.repeat(receiver, contents);
    }
  }

  #delivery(receiver: AlertReceiver): Delivery {
    const { random, nowMs, record } = this.#world;
    return new Delivery({
      random,
      nowMs,
      send: (notice) => this.#messenger.send(receiver, notice, record.readLocal()),
      onAttempt: (notice, outcome) => this.#attempted(receiver, notice, outcome),
    });
  }

  #attempted({ name }: AlertReceiver, notice: Notice, outcome: PostOutcome): void {
    this.#counts.add(name, OUTCOMES[outcome.kind]);
    const delivery = this.#deliveries.get(name)!;
    if (outcome.kind === "failed" && delivery.failureCount === 1) {
      this.#world.tell(
        "warning",
        `alerts: ${name} was not told yet, it will be: ${outcome.detail}`,
      );
    }
    if (outcome.kind === "taken") {
      const { firing, resolved } = notice;
      this.#world.tell(
        "info",
        `alerts: ${name} was told of ${firing.length} that began and ${resolved.length} that ended`,
      );
    }
    this.#turnSoon(0);
  }
}

const OUTCOMES: Readonly<Record<PostOutcome["kind"], NotificationOutcome>> = {
  taken: "delivered",
  failed: "failed",
  refused: "refused",
};
