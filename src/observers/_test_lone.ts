/** One monitor's observers on a wire that only keeps what is told, in virtual time; the others speak as the test says. */
import { makeTarget } from "../../test/kit/target.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { WatchSet } from "../monitor/mod.ts";
import type { Doubt, DownMemory, Verdict } from "../verdict/mod.ts";
import { BEATS_KIND } from "./beat_message.ts";
import { bitsOfDoubts } from "./doubt_bits.ts";
import { hashOfName } from "./name_hash.ts";
import { Observers, type DoubtSource } from "./observers.ts";
import type { CombinedChange, ObserverChange } from "./reading.ts";
import { readView, ViewWriter, type ViewMessage } from "./view_message.ts";
import { memoryOf, stateOf, verdictOf } from "./view_state.ts";

export interface Sent {
  /** Undefined: to all. */
  readonly to: string | undefined;
  readonly message: ViewMessage;
}

/** What another monitor says: `verdict memory` by the target's name, and of itself. */
export interface Saying {
  readonly run?: number;
  readonly asks?: boolean;
  readonly doubts?: readonly Doubt[];
  readonly targets?: Readonly<Record<string, Verdict | readonly [Verdict, DownMemory]>>;
  readonly sinceWallMs?: number;
}

export class Lone implements DoubtSource {
  readonly time = new VirtualTime();
  readonly watches: WatchSet;
  readonly observers: Observers;
  readonly sent: Sent[] = [];
  /** Messages that hand on heartbeats. */
  readonly beats: Uint8Array[] = [];
  readonly combinedChanges: CombinedChange[] = [];
  readonly observerChanges: ObserverChange[] = [];
  readonly unreadable: string[] = [];
  members = ["a", "b", "c"];
  ownDoubts: readonly Doubt[] = [];
  #doubtListener: () => void = () => {};

  /** Is `a`, of three. */
  constructor(...names: readonly string[]) {
    const { time } = this;
    this.watches = new WatchSet({
      nowMs: () => time.monotonicMs(),
      wallMsOf: (ms) => time.wallMs() - (time.monotonicMs() - ms),
      pausedMs: 0,
      excusingPauses: [],
    });
    for (const name of names) this.watch(name);
    this.observers = new Observers({
      self: "a",
      monitor: this.watches,
      members: () => this.members,
      doubts: this,
      wire: {
        broadcast: (bytes) => this.#keep(undefined, bytes),
        exchange: (peer, bytes) => this.#keep(peer, bytes),
      },
      clock: time,
      timers: time,
      run: 1,
      onUnreadable: (peer, detail) => this.unreadable.push(`${peer}: ${detail}`),
    });
    this.observers.onCombinedChange((change) => this.combinedChanges.push(change));
    this.observers.onObserverChange((change) => this.observerChanges.push(change));
  }

  /** A target that reports by itself. */
  watch(name: string): void {
    this.watches.put(makeTarget({ name, url: "push:" }));
  }

  /** The same, which an earlier process has left with that verdict. */
  watchRecalled(name: string, verdict: Verdict, url = "push:"): void {
    const target = makeTarget({ name, url });
    const nowMs = this.time.monotonicMs();
    const before = this.watches.put(target);
    before.heartbeat(nowMs);
    const saved = before.save(nowMs);
    this.watches.remove(name);
    this.watches.put(target, () => ({ ...saved, verdict }));
    this.combinedChanges.length = 0;
  }

  heartbeat(name: string): void {
    this.watches.heartbeat(name);
  }

  doubts(): readonly Doubt[] {
    return this.ownDoubts;
  }

  doubt(...doubts: readonly Doubt[]): void {
    this.ownDoubts = doubts;
    this.#doubtListener();
  }

  onChange(listener: () => void): () => void {
    this.#doubtListener = listener;
    return () => {
      this.#doubtListener = () => {};
    };
  }

  hear(peer: string, saying: Saying = {}): void {
    const { run = 1, asks = false, doubts = [], targets = {}, sinceWallMs = 1_000 } = saying;
    const writer = new ViewWriter();
    for (const [name, said] of Object.entries(targets)) {
      const [verdict, memory] = typeof said === "string" ? ([said, "none"] as const) : said;
      writer.add(hashOfName(name), stateOf(verdict, memory), 1.5, sinceWallMs);
    }
    const bytes = writer.finish({ run, asks, doubtBits: bitsOfDoubts(doubts) });
    this.observers.receive(peer, bytes);
  }

  /** Lets the turn end, and those that work in slices come to theirs. */
  async settle(): Promise<void> {
    for (let turn = 0; turn < 400; turn++) await Promise.resolve();
  }

  async pass(ms: number): Promise<void> {
    this.time.pass(ms);
    await this.settle();
  }

  /** What was told since the last call: `b: s up none`, or `all: s up none`. */
  told(): string[] {
    const names = new Map(
      Array.from(this.watches.watches(), ({ target: { name } }) => [hashOfName(name), name]),
    );
    return this.sent.splice(0).flatMap(({ to = "all", message }) =>
      Array.from({ length: message.count }, (_, index) => {
        const state = message.state(index);
        const name = names.get(message.hash(index)) ?? "?";
        return `${to}: ${name} ${verdictOf(state)} ${memoryOf(state)}`;
      }),
    );
  }

  #keep(to: string | undefined, bytes: Uint8Array): void {
    if (bytes[0] === BEATS_KIND) {
      this.beats.push(bytes);
      return;
    }
    const read = readView(bytes);
    if (!read.ok) throw new Error(read.detail);
    this.sent.push({ to, message: read.message });
  }
}
