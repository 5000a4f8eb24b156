/**
 * The observers of the cluster: who they are, who of them is heard, who doubts itself, and whose word counts.
 * Members come from the cluster, the rest from what arrives and from the monitor's clock, on which a pause of this
 * process is nobody's silence. Others than members are listened to as well, since one that joins speaks before it
 * has a vote; but they are not counted, and forgotten when they fall silent.
 */
import type { MonitorReading } from "../monitor/mod.ts";
import { type Doubt, quorumOf } from "../verdict/mod.ts";
import { bitsOfDoubts, doubtsOfBits } from "./doubt_bits.ts";
import { PeerView } from "./peer_view.ts";
import type { ObserverReading } from "./reading.ts";
import { callRoll, type Roll } from "./roll_call.ts";
import { SelfView, type Speaker } from "./speaker.ts";
import type { TargetTable, Track } from "./target_table.ts";
import type { ViewMessage } from "./view_message.ts";

export interface CircleWorld {
  readonly self: string;
  readonly monitor: Pick<MonitorReading, "nowMs" | "wallMsOf">;
  readonly table: TargetTable;
  readonly members: () => readonly string[];
  readonly doubts: () => readonly Doubt[];
  /** Whoever was not heard for so long is not heard any more. */
  readonly silentMs: number;
  /** Others than before are members, are heard, or count. */
  readonly onRoll: () => void;
  /** Somebody began or ceased to be heard, or to doubt itself. */
  readonly onChange: (observer: ObserverReading) => void;
}

/**
 * For so long a doubt does not end what was partial: most are over by then, and would only make it come and go.
 * The votes of whoever doubts itself for longer are as good as not given.
 */
const WAVER_MS = 30_000;

/** What was last told of an observer. */
interface Told {
  readonly isHeard: boolean;
  readonly doubtBits: number;
}

export class Circle {
  readonly #world: CircleWorld;
  readonly #self: SelfView;
  readonly #views = new Map<string, PeerView>();
  readonly #told = new Map<Speaker, Told>();
  /** Members, and this monitor whether it is one or not, by id in ascending order. */
  #listed: readonly Speaker[];
  #speakers: readonly Speaker[] = [];
  #silent: readonly string[] = [];
  #roll: Roll<Speaker> = { quorum: quorumOf(0, 0), present: [], counted: [], wavering: [] };

  /** Empty until it has looked for the first time. */
  constructor(world: CircleWorld) {
    this.#world = world;
    this.#self = new SelfView(world.self, world.monitor, world.table);
    this.#listed = [this.#self];
  }

  get roll(): Roll<Speaker> {
    return this.#roll;
  }

  get self(): Speaker {
    return this.#self;
  }

  /** Members that are heard, and this monitor whether it is one or not; by id in ascending order. */
  get speakers(): readonly Speaker[] {
    return this.#speakers;
  }

  /** Members that are not heard, in ascending order. */
  get silent(): readonly string[] {
    return this.#silent;
  }

  readings(): readonly ObserverReading[] {
    return this.#listed.map((speaker) => this.#read(speaker));
  }

  /** A peer has spoken. Gives the place for what it said, and whether what it said before is void. */
  hear(peer: string, { doubtBits, run }: ViewMessage): { view: PeerView; isAnew: boolean } {
    const view = this.#viewOf(peer);
    const isAnew = view.run !== null && view.run !== run;
    const isNews = !view.isHeard || view.doubtBits !== doubtBits;
    view.heardMs = this.#world.monitor.nowMs();
    view.doubtBits = doubtBits;
    view.run = run;
    if (isAnew) view.forgetAll();
    if (isNews) this.look();
    return { view, isAnew };
  }

  /** The target is not watched any more. */
  forget(track: Track): void {
    for (const view of this.#views.values()) view.forget(track);
  }

  /** Finds out who is there now. */
  look(): void {
    const { members, monitor, silentMs, doubts } = this.#world;
    const memberIds = new Set(members());
    this.#self.isMember = memberIds.has(this.#self.id);
    this.#self.doubtBits = bitsOfDoubts(doubts());
    for (const id of memberIds) if (id !== this.#self.id) this.#viewOf(id);
    const nowMs = monitor.nowMs();
    for (const view of this.#views.values()) {
      const wasMember = view.isMember;
      view.isMember = memberIds.has(view.id);
      view.isHeard = view.heardMs !== null && nowMs - view.heardMs <= silentMs;
      if (!view.isMember && (wasMember || !view.isHeard)) this.#views.delete(view.id);
    }
    const others = [...this.#views.values()].filter(({ isMember }) => isMember);
    this.#listed = [this.#self, ...others].toSorted((left, right) => (left.id < right.id ? -1 : 1));
    for (const speaker of this.#listed) noteDoubt(speaker, nowMs);
    this.#speakers = this.#listed.filter(({ isHeard }) => isHeard);
    this.#silent = this.#listed.filter(({ isHeard }) => !isHeard).map(({ id }) => id);
    this.#callRoll(memberIds.size);
    this.#tellChanges();
  }

  #viewOf(peer: string): PeerView {
    const known = this.#views.get(peer);
    if (known !== undefined) return known;
    const view = new PeerView(peer);
    this.#views.set(peer, view);
    return view;
  }

  #callRoll(memberCount: number): void {
    const before = this.#roll;
    this.#roll = callRoll(memberCount, this.#listed);
    if (!isSameRoll(before, this.#roll)) this.#world.onRoll();
  }

  #tellChanges(): void {
    for (const known of this.#told.keys())
      if (!this.#listed.includes(known)) this.#told.delete(known);
    for (const speaker of this.#listed) {
      const { isHeard, doubtBits } = speaker;
      const told = this.#told.get(speaker) ?? { isHeard: speaker === this.#self, doubtBits: 0 };
      this.#told.set(speaker, { isHeard, doubtBits });
      if (told.isHeard === isHeard && told.doubtBits === doubtBits) continue;
      this.#world.onChange(this.#read(speaker));
    }
  }

  #read(speaker: Speaker): ObserverReading {
    const { id, isHeard, heardMs, doubtBits, counts } = speaker;
    const isSelf = speaker === this.#self;
    const silentMs = heardMs === null ? null : this.#world.monitor.nowMs() - heardMs;
    return {
      id,
      isSelf,
      isHeard,
      silentMs: isSelf ? 0 : silentMs,
      doubts: isHeard ? (doubtsOfBits(doubtBits) ?? []) : [],
      targetCounts: isHeard ? { ...counts } : null,
    };
  }
}

function noteDoubt(speaker: Speaker, nowMs: number): void {
  if (speaker.doubtBits === 0) speaker.doubtSinceMs = null;
  else speaker.doubtSinceMs ??= nowMs;
  const { doubtSinceMs } = speaker;
  speaker.isNewlyInDoubt = doubtSinceMs !== null && nowMs - doubtSinceMs < WAVER_MS;
}

function isSameRoll(left: Roll<Speaker>, right: Roll<Speaker>): boolean {
  return (
    left.quorum.memberCount === right.quorum.memberCount &&
    isSameList(left.present, right.present) &&
    isSameList(left.counted, right.counted) &&
    isSameList(left.wavering, right.wavering)
  );
}

function isSameList(left: readonly Speaker[], right: readonly Speaker[]): boolean {
  return left.length === right.length && left.every((speaker, place) => speaker === right[place]);
}
