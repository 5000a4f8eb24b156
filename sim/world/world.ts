/**
 * Everything that one seed makes: clock, network, hosts, and the eyes on them. It runs one event after
 * the other, has the invariants look at whoever was touched, and knows nothing of why things happen:
 * clients, faults and the administrator put their events into the queue.
 */
import {
  type Entry,
  firstSnapshot,
  type Membership,
  membershipOf,
  membersOf,
} from "../../src/raft/mod.ts";
import { Coverage } from "./coverage.ts";
import { EventQueue } from "./event_queue.ts";
import { Host } from "./host.ts";
import { CommittedLog } from "./invariants/committed_log.ts";
import { Invariants } from "./invariants/invariants.ts";
import { Outcomes } from "./invariants/outcomes.ts";
import { takeViolation } from "./invariants/violation.ts";
import { MAX_HOSTS, Network } from "./network.ts";
import {
  describePersonality,
  drawPersonality,
  LARGEST_COMMAND_BYTES,
  type Personality,
} from "./personality.ts";
import { Random } from "./random.ts";
import { attemptOf, isRegisterCommand } from "./register_machine.ts";
import { ReplicatedMachine } from "./replicated_machine.ts";
import { Story } from "./story.ts";
import { TraceHash } from "./trace_hash.ts";

/** Commits are told now and then. */
const ENTRIES_PER_LINE = 25;

export class World {
  readonly random: Random;
  readonly personality: Personality;
  readonly queue = new EventQueue();
  readonly trace = new TraceHash();
  readonly coverage = new Coverage();
  readonly network: Network;
  readonly invariants: Invariants;
  readonly hosts: Host[] = [];
  /** Who was asked to take over, and after which term. */
  readonly transfers = new Set<string>();
  /** Where clients still get to; undefined for everywhere. */
  reachable: readonly Host[] | undefined;
  /** Called when a member is about to read its snapshot. */
  beforeRead: (host: Host) => void = () => {};
  /** Tells the story, if anybody listens. */
  readonly tell: (who: string, what: string) => void;
  readonly #byId = new Map<string, Host>();
  readonly #touched: Host[] = [];
  #events = 0;
  #isCalm = false;

  /** `tell` is given each line of the story. */
  constructor(seed: number, tell?: (line: string) => void) {
    this.random = new Random(seed);
    this.personality = drawPersonality(this.random);
    const story = tell === undefined ? undefined : new Story(() => this.queue.nowUs, tell);
    this.tell = (who, what) => story?.tell(who, what);
    this.tell("world", describePersonality(this.personality));
    const { network, usesCodec, founders, sessions, raft } = this.personality;
    const random = this.random.fork("network");
    const { queue, coverage } = this;
    this.network = new Network(queue, random, network, usesCodec, coverage, {
      deliver: (to, message, isStray) => this.hosts[to]?.receive(message, isStray),
      unreachable: (from, to) =>
        this.hosts[from]?.enter((member) => member.unreachable(this.hosts[to]!.id)),
    });
    const outcomes = new Outcomes();
    const twin = new ReplicatedMachine(sessions, ({ client, sequence, attempt }, index) =>
      outcomes.tookEffect(`${client}/${sequence}`, attempt, index),
    );
    const ids = Array.from({ length: founders }, (_, place) => `n${place + 1}`);
    const membership = membershipOf(ids.map((id) => ({ id, address: addressOf(id) })));
    const first = firstSnapshot(membership, twin.snapshot());
    const committed = new CommittedLog(first, twin, (entry) => this.#onCommitted(entry));
    const options = { ...raft, largestCommandBytes: LARGEST_COMMAND_BYTES };
    this.invariants = new Invariants(committed, outcomes, options, (id) => this.hostOf(id));
    for (let founder = 0; founder < founders; founder++) {
      this.addHost().disk.format({
        hardState: { term: 1, vote: undefined, commit: 1 },
        snapshot: first,
        discardsLog: true,
        entries: [],
      });
    }
    if (usesCodec) this.coverage.hit("messages as bytes");
  }

  get events(): number {
    return this.#events;
  }

  hostOf(id: string): Host | undefined {
    return this.#byId.get(id);
  }

  get canAddHost(): boolean {
    return this.hosts.length < MAX_HOSTS;
  }

  /** A new machine with an empty disk, not started. */
  addHost(): Host {
    const number = this.hosts.length;
    const host = new Host(this, `n${number + 1}`, number);
    if (this.#isCalm) host.disk.calmDown();
    this.hosts.push(host);
    this.#byId.set(host.id, host);
    return host;
  }

  /** Whole network, good disks, right clocks: for those who come later too. */
  calmDown(): void {
    this.#isCalm = true;
    this.network.heal();
    for (const host of this.hosts) {
      host.disk.calmDown();
      host.tickUs = this.personality.tickUs;
    }
  }

  /** The leader of the latest term, if it is in office and has not halted. */
  get leader(): Host | undefined {
    const { leaders } = this.invariants;
    const leader = leaders.inOffice(leaders.latestTerm);
    const host = leader === undefined ? undefined : this.hosts[leader.number];
    return host?.isUp ? host : undefined;
  }

  /** The invariants will look at `host` after this event. */
  touch(host: Host): void {
    if (!this.#touched.includes(host)) this.#touched.push(host);
  }

  /** Runs the next event and checks what it touched. Whether there was one. */
  step(): boolean {
    const event = this.queue.next();
    if (event === undefined) return false;
    this.#events++;
    this.trace.add(event.atUs);
    this.trace.add((event.kind << 8) | (event.subject & 0xff));
    this.invariants.beforeEvent(this.#events);
    event.run();
    for (const host of this.#touched) this.invariants.afterEvent(host);
    this.#touched.length = 0;
    const violation = takeViolation();
    if (violation !== undefined) throw violation;
    return true;
  }

  #onCommitted({ index, term, body }: Entry): void {
    const { leaders, outcomes } = this.invariants;
    if (index % ENTRIES_PER_LINE === 0) this.tell("cluster", `has committed ${index} entries`);
    if (term < leaders.latestTerm) this.coverage.hit("entry of an earlier term committed");
    if (body.kind === "membership") this.#onMembership(index, body.membership);
    if (body.kind === "command" && isRegisterCommand(body.data)) {
      outcomes.committed(attemptOf(body.data), index);
    }
  }

  #onMembership(index: number, membership: Membership): void {
    const before = this.invariants.committed.membershipAt(index - 1)!;
    const ids = membersOf(membership).map(({ id }) => id);
    const removed = membersOf(before).find(({ id }) => !ids.includes(id))?.id;
    if (removed !== undefined) {
      this.coverage.hit("member removed");
      if (this.leader?.id === removed) this.coverage.hit("leader removed");
    } else if (membership.voters.length > before.voters.length) {
      this.coverage.hit("learner promoted");
    } else if (membersOf(membership).length > membersOf(before).length) {
      this.coverage.hit("learner added");
    } else {
      this.coverage.hit("member moved");
    }
    const names = membership.voters.map(({ id }) => id).join(" ");
    const learners = membership.learners.map(({ id }) => id).join(" ");
    this.tell("cluster", `is now ${names}${learners === "" ? "" : `, learning ${learners}`}`);
  }
}

export function addressOf(id: string): string {
  return `${id}.simulated:7000`;
}
