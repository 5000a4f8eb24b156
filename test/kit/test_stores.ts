/**
 * Whole members with their stores for tests, in virtual time: logs in memory, and a network that delivers
 * what a test lets it. One seed of timing fixes everything but the microtasks of promises, which `within`
 * lets run between two steps of time.
 */
import { VirtualTime } from "./virtual_time.ts";
import type { Target } from "../../src/config/mod.ts";
import {
  firstSnapshot,
  membershipOf,
  RaftMember,
  SessionStateMachine,
  type MemberOptions,
  type Message,
  type NodeId,
  type SessionOptions,
  type StateMachine,
} from "../../src/raft/mod.ts";
import {
  type AlertLimits,
  ClusterMachine,
  type ConfigLimits,
  MemoryLog,
  RaftAlertRecord,
  RaftConfigStore,
  type RaftConfigStoreOptions,
} from "../../src/store/mod.ts";

export interface TestClusterOptions {
  readonly limits?: Partial<ConfigLimits>;
  readonly alertLimits?: AlertLimits;
  readonly sessions?: SessionOptions;
  readonly member?: Partial<MemberOptions>;
  readonly store?: Partial<RaftConfigStoreOptions>;
}

/** With the default of ten ticks an election takes 500 to 1,000 ms. */
const TICK_MS = 50;
const NETWORK_MS = 2;
const DISK_MS = 1;
const STEP_MS = 5;

/** One change of a target, as a subscriber hears of it. */
export type Heard = readonly [name: string, intervalMillis: number | "deleted"];

export class TestMonitor {
  readonly id: NodeId;
  /** What its subscriber has heard of in this life, in order. */
  heard: Heard[] = [];
  replica = new Map<string, Target>();
  machine!: ClusterMachine;
  store!: RaftConfigStore;
  alertRecord!: RaftAlertRecord;
  /** Undefined while it is down. */
  member: RaftMember | undefined;
  /** Its disk is almost full. */
  isLowOnSpace = false;
  /** From now on nothing more can be written. */
  isDiskBroken = false;
  readonly #cluster: TestStores;
  readonly #log: MemoryLog;
  #life = 0;

  constructor(cluster: TestStores, id: NodeId, log: MemoryLog) {
    this.#cluster = cluster;
    this.id = id;
    this.#log = log;
    this.start();
  }

  /** `stateMachine`: what its log is applied to, for one of another version of phi. */
  start(stateMachine?: StateMachine): void {
    const { time, options } = this.#cluster;
    const life = ++this.#life;
    const inThisLife = (work: () => void) => () => {
      if (life === this.#life) work();
    };
    this.#subscribe();
    const { storage, stored } = this.#log.open();
    this.member = new RaftMember(
      { clusterId: "test", id: this.id, random: this.#cluster.random, ...options.member },
      stored,
      {
        storage: {
          store: (write, done) => {
            const told: typeof done = (result) => inThisLife(() => done(result))();
            if (!this.isDiskBroken) return storage.store(write, told);
            time.after(DISK_MS, () => told({ ok: false, detail: "the disk is broken" }));
          },
          readSnapshot: (done) => storage.readSnapshot((read) => inThisLife(() => done(read))()),
          isLowOnSpace: () => this.isLowOnSpace,
        },
        transport: {
          send: (message) => this.#cluster.send(message),
          sendSnapshot: (message, done) => {
            this.#cluster.send(message);
            time.after(
              2 * NETWORK_MS,
              inThisLife(() => done(true)),
            );
          },
        },
        stateMachine: stateMachine ?? new SessionStateMachine(this.machine, options.sessions),
        soon: (run) => void time.after(0, inThisLife(run)),
      },
    );
    const { machine, member } = this;
    const log = { member, timers: time };
    this.store = new RaftConfigStore({ ...log, machine: machine.config, ...options.store });
    this.alertRecord = new RaftAlertRecord({ ...log, machine: machine.alerts });
    const tick = inThisLife(() => {
      time.after(TICK_MS, tick);
      this.member?.tick();
    });
    time.after(TICK_MS * this.#cluster.random(), tick);
  }

  /** Its process ends at once. Whoever asked it knows no more. */
  crash(): void {
    this.#life++;
    this.member = undefined;
    this.store.close();
    this.alertRecord.close();
  }

  #subscribe(): void {
    this.machine = this.#cluster.emptyMachine();
    this.heard = [];
    this.replica = new Map();
    this.machine.config.subscribe(({ written, deleted }) => {
      for (const name of deleted) {
        this.replica.delete(name);
        this.heard.push([name, "deleted"]);
      }
      for (const target of written) {
        this.replica.set(target.name, target);
        this.heard.push([target.name, target.intervalMillis]);
      }
    });
  }
}

export class TestStores {
  readonly time = new VirtualTime();
  readonly options: TestClusterOptions;
  readonly monitors = new Map<NodeId, TestMonitor>();
  /** Whether a message gets through. */
  delivers: (message: Message) => boolean = () => true;
  #random = 0;

  constructor(ids: readonly NodeId[], options: TestClusterOptions = {}) {
    this.options = options;
    const empty = new SessionStateMachine(this.emptyMachine(), options.sessions).snapshot();
    const first = firstSnapshot(
      membershipOf(ids.map((id) => ({ id, address: `${id}:7000` }))),
      empty,
    );
    const soon = (run: () => void) => void this.time.after(DISK_MS, run);
    for (const id of ids) {
      const log = new MemoryLog({ firstSnapshot: first, soon });
      this.monitors.set(id, new TestMonitor(this, id, log));
    }
  }

  emptyMachine(): ClusterMachine {
    const { limits, alertLimits } = this.options;
    return new ClusterMachine({
      ...(limits && { limits }),
      ...(alertLimits && { alerts: { limits: alertLimits } }),
    });
  }

  /** Golden-ratio steps: spread, different for each draw, the same in each run. */
  readonly random = (): number => (this.#random = (this.#random + 0.618034) % 1);

  monitor(id: NodeId): TestMonitor {
    return this.monitors.get(id)!;
  }

  /** Of those that lead and are not halted, the one of the latest term. */
  get leader(): TestMonitor | undefined {
    return [...this.monitors.values()]
      .filter(({ member }) => {
        const status = member?.status();
        return status?.role === "leader" && status.halted === undefined;
      })
      .toSorted((left, right) => termOf(right) - termOf(left))[0];
  }

  /** Passes time until there is a leader that all know. */
  elect(): TestMonitor {
    for (let passedMs = 0; passedMs < 20_000; passedMs += STEP_MS) {
      this.time.pass(STEP_MS);
      const { leader } = this;
      const knows = ({ member }: TestMonitor) => member?.status().leader === leader?.id;
      if (leader !== undefined && [...this.monitors.values()].every(knows)) return leader;
    }
    throw new Error("there is no leader");
  }

  followers(): readonly TestMonitor[] {
    return [...this.monitors.values()].filter((monitor) => monitor !== this.leader);
  }

  /** Nothing gets to this one, or from it. */
  isolate({ id }: TestMonitor): void {
    this.delivers = ({ from, to }) => from !== id && to !== id;
  }

  heal(): void {
    this.delivers = () => true;
  }

  send(message: Message): void {
    if (!this.delivers(message)) return;
    this.time.after(NETWORK_MS, () => this.monitors.get(message.to)?.member?.receive(message));
  }

  /** Passes time until `promise` is settled, and says how long that took. */
  async within<T>(limitMs: number, promise: Promise<T>): Promise<{ value: T; tookMs: number }> {
    const settled: T[] = [];
    void promise.then((value) => settled.push(value));
    for (let tookMs = 0; tookMs <= limitMs; tookMs += STEP_MS) {
      await microtasks();
      if (settled.length > 0) return { value: settled[0]!, tookMs };
      this.time.pass(STEP_MS);
    }
    throw new Error(`it took more than ${limitMs} ms`);
  }
}

function termOf({ member }: TestMonitor): number {
  return member?.status().term ?? 0;
}

/** As many as the longest chain of promises here. */
export async function microtasks(): Promise<void> {
  for (let count = 0; count < 10; count++) await Promise.resolve();
}
