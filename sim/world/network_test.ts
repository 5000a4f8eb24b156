import { beforeEach, expect, test } from "bun:test";
import {
  createSnapshot,
  type Message,
  type MessageOf,
  membershipOf,
  RAFT_FORMAT_VERSION,
} from "../../src/raft/mod.ts";
import { Coverage } from "./coverage.ts";
import { EventQueue } from "./event_queue.ts";
import { CALM_NETWORK, Network, type NetworkConditions } from "./network.ts";
import { Random } from "./random.ts";

const envelope = { clusterId: "c", version: RAFT_FORMAT_VERSION, from: "n1", to: "n2", term: 3 };
const heartbeat = (round: number): Message => ({
  ...envelope,
  kind: "heartbeatRequest",
  leaderCommit: 1,
  round,
});
const snapshot = createSnapshot(
  4,
  2,
  membershipOf([{ id: "n1", address: "n1:1" }]),
  Uint8Array.from({ length: 50 }, (_, place) => place),
);
const install: MessageOf<"installSnapshot"> = { ...envelope, kind: "installSnapshot", snapshot };

let queue: EventQueue;
let delivered: { to: number; message: Message; isStray: boolean }[];
let unreachable: [number, number][];

beforeEach(() => {
  queue = new EventQueue();
  delivered = [];
  unreachable = [];
});

function createNetwork(conditions: Partial<NetworkConditions> = {}, usesCodec = false): Network {
  const all = { ...CALM_NETWORK, ...conditions };
  return new Network(queue, new Random(1), all, usesCodec, new Coverage(), {
    deliver: (to, message, isStray) => delivered.push({ to, message, isStray }),
    unreachable: (from, to) => unreachable.push([from, to]),
  });
}

function runAll(): void {
  for (let event = queue.next(); event !== undefined; event = queue.next()) event.run();
}

const rounds = () =>
  delivered.map(({ message }) => (message.kind === "heartbeatRequest" ? message.round : -1));

test("a message arrives once, later, as it was sent", () => {
  createNetwork().send(0, 1, heartbeat(7));
  expect(delivered).toEqual([]);
  runAll();
  expect(delivered).toEqual([{ to: 1, message: heartbeat(7), isStray: false }]);
  expect(queue.nowUs).toBeGreaterThanOrEqual(CALM_NETWORK.minDelayUs);
});

test("messages survive the codec", () => {
  const network = createNetwork({}, true);
  network.send(0, 1, heartbeat(7));
  network.sendSnapshot(0, 1, install, () => {});
  runAll();
  expect(delivered.map(({ message }) => message)).toEqual([heartbeat(7), install]);
  expect(delivered[1]!.message).not.toBe(install);
});

test("messages are lost, and doubled, as often as the conditions say", () => {
  const lossy = createNetwork({ dropChance: 0.5 });
  for (let round = 0; round < 400; round++) lossy.send(0, 1, heartbeat(round));
  runAll();
  expect(Math.abs(delivered.length - 200)).toBeLessThan(60);
  delivered = [];
  const doubling = createNetwork({ duplicateChance: 0.5 });
  for (let round = 0; round < 400; round++) doubling.send(0, 1, heartbeat(round));
  runAll();
  expect(Math.abs(delivered.length - 600)).toBeLessThan(60);
});

test("messages echo, long after", () => {
  const network = createNetwork({ echoChance: 0.5, echoUs: 1_000_000 });
  for (let round = 0; round < 400; round++) network.send(0, 1, heartbeat(round));
  runAll();
  expect(Math.abs(delivered.length - 600)).toBeLessThan(60);
  expect(queue.nowUs).toBeGreaterThan(500_000);
});

test("a link keeps the order, or does not, as the conditions say", () => {
  for (const keepsOrder of [true, false]) {
    delivered = [];
    const network = createNetwork({ keepsOrder, spreadUs: 10_000 });
    for (let round = 0; round < 50; round++) network.send(0, 1, heartbeat(round));
    runAll();
    const isInOrder = rounds().every((round, place) => round === place);
    expect(isInOrder).toBe(keepsOrder);
  }
});

test("a cut link carries nothing, neither new messages nor those under way, and only that link", () => {
  const network = createNetwork({ unreachableChance: 1 });
  const partition = { shape: "one link", cut: [[0, 1]], sides: [] } as const;
  network.send(0, 1, heartbeat(1));
  network.begin(partition);
  network.send(0, 1, heartbeat(2));
  network.send(1, 0, heartbeat(3));
  runAll();
  expect(rounds()).toEqual([3]);
  expect(unreachable).toEqual([[0, 1]]);
  network.end(partition);
  network.end(partition);
  expect(network.isWhole).toBe(true);
  network.send(0, 1, heartbeat(4));
  runAll();
  expect(rounds()).toEqual([3, 4]);
});

test("a link that two partitions cut is whole once both have ended", () => {
  const network = createNetwork();
  const one = { shape: "one link", cut: [[0, 1]], sides: [] } as const;
  const other = { ...one };
  network.begin(one);
  network.begin(other);
  network.end(one);
  expect(network.isCut(0, 1)).toBe(true);
  network.end(other);
  expect(network.isCut(0, 1)).toBe(false);
});

test("clogged links are slower, to and from the member", () => {
  const network = createNetwork();
  network.clog(1, 100_000);
  network.send(0, 1, heartbeat(1));
  network.send(2, 0, heartbeat(2));
  runAll();
  expect(rounds()).toEqual([2, 1]);
  expect(queue.nowUs).toBeGreaterThan(100_000);
});

test("a snapshot arrives and its sender hears of it, or one of both does not", () => {
  const outcomes: boolean[] = [];
  const send = (conditions: Partial<NetworkConditions>) => {
    createNetwork(conditions).sendSnapshot(0, 1, install, (ok) => outcomes.push(ok));
    runAll();
    const arrived = delivered.length > 0;
    delivered = [];
    return arrived;
  };
  expect([send({}), send({ snapshotFailChance: 1 }), send({ snapshotDoubtChance: 1 })]).toEqual([
    true,
    false,
    true,
  ]);
  expect(outcomes).toEqual([true, false, false]);
});

test("strays and damaged snapshots are told apart from what was sent", () => {
  const network = createNetwork({ strayChance: 1, snapshotDamageChance: 1 });
  network.send(0, 1, heartbeat(1));
  network.sendSnapshot(0, 1, install, () => {});
  runAll();
  expect(delivered.filter(({ isStray }) => isStray)).toHaveLength(2);
  const damaged = delivered.find(({ message }) => message.kind === "installSnapshot")!;
  expect(damaged.message).not.toEqual(install);
  // The sender's own is as it was.
  expect(snapshot.data[7]).toBe(7);
});

test("heal() makes the network whole and quick, and what was under way is lost", () => {
  const outcomes: boolean[] = [];
  const network = createNetwork({ dropChance: 1, snapshotDelayUs: 1_000_000 });
  network.begin({ shape: "one link", cut: [[1, 0]], sides: [] });
  network.clog(0, 1_000_000);
  network.sendSnapshot(0, 1, install, (ok) => outcomes.push(ok));
  network.heal();
  network.send(1, 0, heartbeat(1));
  while (outcomes.length === 0) queue.next()!.run();
  expect(queue.nowUs).toBeLessThan(10_000);
  runAll();
  expect([rounds(), outcomes]).toEqual([[1], [false]]);
});
