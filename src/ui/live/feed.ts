/**
 * One monitor, live: what it sees, who watches with it, and whether any of it is still true. Everything that the
 * page and `phi top` show comes from here. Verdicts arrive as events; φ is asked for, and only for what
 * somebody looks at, so that ten thousand targets cost no more than a screenful.
 */
import type { ClusterStatus } from "../../cluster/mod.ts";
import type {
  CombinedData,
  MatrixAnswer,
  ObserverData,
  ObserversAnswer,
  ReadinessAnswer,
  SnapshotData,
  TargetAnswer,
  VerdictData,
} from "./answers.ts";
import { type Answer, type Ask, createAsk } from "./asker.ts";
import { TargetBoard } from "./board.ts";
import { EventStream } from "./event_stream.ts";
import { Happenings } from "./happenings.ts";
import { Link } from "./link.ts";
import { MonitorClock, momentOf } from "./moment.ts";
import { Poll } from "./poll.ts";
import type { ServerEvent } from "./sse.ts";
import { PhiTrails } from "./trails.ts";
import type { LiveWorld } from "./world.ts";

/** How often each thing is asked for, in milliseconds. Less is livelier, more is lighter. */
const EVERY_MS = {
  seen: 1_000,
  self: 2_500,
  observers: 2_500,
  cluster: 5_000,
  matrix: 2_500,
} as const;
/** What is not there will hardly come soon. */
const ABSENT_EVERY_MS = 30_000;
/** Who says what is asked soon after a verdict changed, in milliseconds. */
const MATRIX_SOON_MS = 400;
/** A matrix of so many targets is asked for in proportion more seldom. */
const MATRIX_TARGETS = 2_500;
/** A config that is written all the time does not bring a snapshot each time. */
const RESYNC_EVERY_MS = 10_000;
/** Targets whose φ is asked for at once. */
const MAX_SEEN = 100;

export class LiveFeed {
  readonly board = new TargetBoard();
  readonly trails = new PhiTrails();
  readonly happenings = new Happenings();
  readonly clock: MonitorClock;
  readonly link: Link;
  /** For what only some of those who look want to know. */
  readonly ask: Ask;
  /** Null until it is known, and where there is none. */
  readiness: ReadinessAnswer | null = null;
  observers: ObserversAnswer | null = null;
  matrix: MatrixAnswer | null = null;
  cluster: ClusterStatus | null = null;
  /** The last answer about each target that is looked at. */
  seen: ReadonlyMap<string, TargetAnswer> = new Map();
  /** Whether everything was told at least once. */
  isFilled = false;

  readonly #world: LiveWorld;
  readonly #onChange: () => void;
  readonly #stream: EventStream;
  readonly #polls: readonly Poll[];
  readonly #seenPoll: Poll;
  readonly #matrixPoll: Poll;
  readonly #observersPoll: Poll;
  #cancelMatrix: (() => void) | undefined;
  #names: readonly string[] = [];
  /** By target: the number of events before its last one. An answer that was asked for before it is older. */
  readonly #eventAt = new Map<string, number>();
  #eventCount = 0;
  /** Of the config that the last snapshot showed. */
  #revision: number | null = null;
  #mismatches = 0;
  #hasOpened = false;
  #snapshotMs = Number.NEGATIVE_INFINITY;
  /** Whether anybody looks at the matrix. */
  wantsMatrix = true;

  /** `onChange` is called whenever anything may be different; it should do little. */
  constructor(world: LiveWorld, onChange: () => void) {
    this.#world = world;
    this.#onChange = onChange;
    this.clock = new MonitorClock(world.clock);
    this.link = new Link(world.clock);
    this.ask = createAsk(world, this.link, this.clock);
    this.#stream = new EventStream(world, {
      onSign: () => this.link.heard(),
      onEvents: (events) => this.#take(events),
      onOpen: (isOpen) => {
        this.link.streaming(isOpen);
        if (isOpen) this.#onOpen();
        this.#onChange();
      },
      onMissed: (sentMs, why) => {
        this.link.missed(sentMs, why);
        this.#onChange();
      },
    });
    const { timers } = world;
    this.#seenPoll = new Poll(
      timers,
      () => EVERY_MS.seen,
      () => this.#askSeen(),
    );
    this.#matrixPoll = new Poll(
      timers,
      () => this.#matrixEveryMs(),
      () => this.#askMatrix(),
    );
    this.#observersPoll = new Poll(
      timers,
      () => this.#everyMs(this.observers, EVERY_MS.observers),
      () => this.#askObservers(),
    );
    this.#polls = [
      this.#seenPoll,
      this.#matrixPoll,
      this.#observersPoll,
      new Poll(
        timers,
        () => EVERY_MS.self,
        () => this.#askSelf(),
      ),
      new Poll(
        timers,
        () => this.#everyMs(this.cluster, EVERY_MS.cluster),
        () => this.#askCluster(),
      ),
    ];
  }

  /** The monitor's time of what is shown: now while it is live, and else when it was heard last. Ages stand still then. */
  asOfMs(): number {
    return this.clock.wallMs() - (this.link.state().kind === "live" ? 0 : this.link.silentMs);
  }

  start(): void {
    this.link.startOver();
    this.#stream.open();
    for (const poll of this.#polls) poll.start();
    this.#onChange();
  }

  /** After the first time it may be another monitor, or the same one after an upgrade. */
  #onOpen(): void {
    const polls = this.#hasOpened ? this.#polls : [this.#matrixPoll];
    for (const poll of polls) poll.now();
    this.#hasOpened = true;
  }

  /** Asks for nothing and hears nothing; what was known stays, and is not live. */
  stop(): void {
    this.#stream.close();
    for (const poll of this.#polls) poll.stop();
    this.#cancelMatrix?.();
    this.#cancelMatrix = undefined;
    this.link.startOver();
    this.#onChange();
  }

  /** The targets whose φ is wanted now. */
  look(names: readonly string[]): void {
    const wanted = names.slice(0, MAX_SEEN);
    const isNews = wanted.some((name) => !this.seen.has(name) && !this.#names.includes(name));
    this.#names = wanted;
    if (isNews) this.#seenPoll.now();
  }

  /** Somebody begins to look at the matrix. */
  askMatrixNow(): void {
    this.#matrixPoll.now();
  }

  #everyMs(known: unknown, everyMs: number): number {
    return known === null ? ABSENT_EVERY_MS : everyMs;
  }

  #matrixEveryMs(): number {
    return this.#everyMs(this.observers, EVERY_MS.matrix * this.#matrixShare);
  }

  get #matrixShare(): number {
    return Math.max(1, this.board.size / MATRIX_TARGETS);
  }

  /** Once for all that changes within a while. */
  #matrixSoon(): void {
    if (this.#cancelMatrix !== undefined || !this.wantsMatrix) return;
    const delayMs = MATRIX_SOON_MS * this.#matrixShare ** 2;
    this.#cancelMatrix = this.#world.timers.after(delayMs, () => {
      this.#cancelMatrix = undefined;
      this.#matrixPoll.now();
    });
  }

  #take(events: readonly ServerEvent[]): void {
    for (const event of events) this.#takeOne(event);
    this.#onChange();
  }

  #takeOne({ id: idText, name, data }: ServerEvent): void {
    const id = Number(idText);
    if (name === "snapshot") {
      const snapshot: SnapshotData = JSON.parse(data);
      this.clock.set(momentOf(snapshot.at));
      this.board.replace(snapshot);
      this.happenings.addPast(snapshot.recent ?? []);
      this.#snapshotMs = this.#world.clock.monotonicMs();
      this.#revision = null;
      this.isFilled = true;
    } else if (name === "verdict") {
      const change: VerdictData = JSON.parse(data);
      this.#mark(change.target);
      this.board.applyVerdict(change);
      this.happenings.add({ id, event: name, data: change });
    } else if (name === "combined") {
      const change: CombinedData = JSON.parse(data);
      this.#mark(change.target);
      this.board.applyCombined(change);
      this.happenings.add({ id, event: name, data: change });
    } else if (name === "observer") {
      const change: ObserverData = JSON.parse(data);
      this.happenings.add({ id, event: name, data: change });
      this.#observersPoll.now();
      this.#matrixSoon();
    }
  }

  #mark(target: string): void {
    this.#eventAt.set(target, this.#eventCount++);
    this.#matrixSoon();
  }

  async #askSeen(): Promise<void> {
    const names = this.#names;
    if (names.length === 0) return;
    const eventsBefore = this.#eventCount;
    const query = names.map((name) => `name=${encodeURIComponent(name)}`).join("&");
    const answer = await this.ask<readonly TargetAnswer[]>(`/targets?${query}`);
    if (answer.kind === "ok") {
      const seen = new Map(answer.body.map((target) => [target.name, target]));
      for (const target of answer.body) this.#learn(target, eventsBefore);
      for (const name of names) {
        if (seen.has(name)) continue;
        this.board.remove(name);
        this.#eventAt.delete(name);
      }
      this.seen = seen;
    }
    this.#onChange();
  }

  #learn(target: TargetAnswer, eventsBefore: number): void {
    const { name, phi, verdict, verdictSince, combined } = target;
    this.trails.push(name, { atMs: this.clock.wallMs(), phi });
    if ((this.#eventAt.get(name) ?? -1) >= eventsBefore) return;
    const since = combined === undefined ? verdictSince : combined.since;
    this.board.correct(name, verdict, combined?.verdict ?? null, since);
  }

  async #askSelf(): Promise<void> {
    const readiness = await this.ask<ReadinessAnswer>("/readyz");
    if (readiness.kind === "ok") {
      this.readiness = readiness.body;
      this.#resyncIfNeeded(readiness.body);
    }
    this.#onChange();
  }

  async #askObservers(): Promise<void> {
    const before = this.observers;
    this.observers = keep(before, await this.ask<ObserversAnswer>("/observers"));
    if (before === null && this.observers !== null) this.#matrixPoll.now();
    this.#onChange();
  }

  async #askMatrix(): Promise<void> {
    // Who says what of which target can wait until the targets are here.
    if (!this.wantsMatrix || this.observers === null || !this.isFilled) return;
    this.matrix = keep(this.matrix, await this.ask<MatrixAnswer>("/observers/matrix"));
    this.#onChange();
  }

  async #askCluster(): Promise<void> {
    this.cluster = keep(this.cluster, await this.ask<ClusterStatus>("/cluster"));
    this.#onChange();
  }

  /** Events do not say what is no longer watched, nor what is new and not yet judged. */
  #resyncIfNeeded({ revision, watching }: ReadinessAnswer): void {
    if (!this.isFilled) return;
    this.#revision ??= revision;
    this.#mismatches = watching === this.board.size ? 0 : this.#mismatches + 1;
    const agoMs = this.#world.clock.monotonicMs() - this.#snapshotMs;
    const isWrong = this.#mismatches >= 2 && agoMs > EVERY_MS.self;
    const isOld = this.#revision !== revision && agoMs > RESYNC_EVERY_MS;
    if (!isWrong && !isOld) return;
    this.#mismatches = 0;
    this.#snapshotMs = this.#world.clock.monotonicMs();
    this.#stream.open("snapshot");
  }
}

/** The new answer; none where there is no such thing; the old one where nobody answered. */
function keep<Body>(before: Body | null, answer: Answer<Body>): Body | null {
  if (answer.kind === "ok") return answer.body;
  return answer.kind === "absent" ? null : before;
}
