import { expect, test } from "bun:test";
import { TestCluster } from "./_test_cluster.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const proposal = (node: string, sequence: number, text: string) => ({
  kind: "propose" as const,
  commands: [{ id: { node, incarnation: 1, sequence }, data: bytes(text) }],
});
const applied = (cluster: TestCluster, id: string) =>
  cluster
    .member(id)
    .applied.flatMap(({ body }) =>
      body.kind === "command" ? [new TextDecoder().decode(body.data)] : [],
    );

test("three members elect a leader, commit, lose it, elect another and commit again", () => {
  const cluster = new TestCluster(["a", "b", "c"]);
  cluster.run(30);
  expect(cluster.leaders).toHaveLength(1);
  const [first] = cluster.leaders;
  cluster.step(first!, proposal(first!, 1, "one"));
  cluster.run(2);
  for (const id of ["a", "b", "c"]) expect(applied(cluster, id)).toEqual(["one"]);

  cluster.delivers = ({ from, to }) => from !== first && to !== first;
  cluster.run(40);
  const [second] = cluster.leaders.filter((id) => id !== first);
  expect(second).toBeDefined();
  cluster.step(second!, proposal(second!, 1, "two"));
  cluster.run();
  expect(applied(cluster, second!)).toEqual(["one", "two"]);
  expect(applied(cluster, first!)).toEqual(["one"]);

  cluster.delivers = () => true;
  cluster.run(5);
  for (const id of ["a", "b", "c"]) expect(applied(cluster, id)).toEqual(["one", "two"]);
  expect(cluster.leaders).toEqual([second!]);
});

test("a cluster of one leads and commits alone, once it has stored", () => {
  const cluster = new TestCluster(["a"]);
  cluster.run(25);
  expect(cluster.leaders).toEqual(["a"]);
  cluster.member("a").holdsStores = true;
  cluster.step("a", proposal("a", 1, "one"));
  cluster.run();
  expect(applied(cluster, "a")).toEqual([]);
  cluster.flush("a");
  expect(applied(cluster, "a")).toEqual(["one"]);
});

test("a read is ready only once a quorum has confirmed the leader after it was asked", () => {
  const cluster = new TestCluster(["a", "b", "c"]);
  cluster.elect("a");
  const id = { node: "b", incarnation: 1, sequence: 1 };
  cluster.delivers = ({ kind }) => kind !== "heartbeatResponse";
  cluster.step("b", { kind: "readIndex", id });
  cluster.settle();
  const isReady = () => cluster.member("b").effects.some(({ kind }) => kind === "readReady");
  expect(isReady()).toBe(false);
  cluster.delivers = () => true;
  cluster.run(2);
  expect(isReady()).toBe(true);
});

test("a learner joins by a snapshot, is promoted, and the leader can be removed", () => {
  const cluster = new TestCluster(["a", "b", "c"]);
  cluster.elect("a");
  const change = (sequence: number, what: object) =>
    cluster.step("a", {
      kind: "changeMembership",
      id: { node: "a", incarnation: 1, sequence },
      change: what as never,
    });
  cluster.start("d");
  change(1, { kind: "addLearner", member: { id: "d", address: "d:7000" } });
  cluster.run(5);
  expect(cluster.core("d").status().membership.learners).toHaveLength(1);
  change(2, { kind: "promote", id: "d" });
  cluster.run(5);
  expect(cluster.core("d").status().membership.voters).toHaveLength(4);
  change(3, { kind: "remove", id: "a" });
  cluster.run(5);
  expect(cluster.leaders).toHaveLength(1);
  expect(cluster.leaders).not.toEqual(["a"]);
  expect(
    cluster
      .core("b")
      .status()
      .membership.voters.map(({ id }) => id),
  ).toEqual(["b", "c", "d"]);
});

test("leadership moves to the voter that was asked", () => {
  const cluster = new TestCluster(["a", "b", "c"]);
  cluster.elect("a");
  cluster.step("a", { kind: "transferLeadership", to: "c" });
  cluster.settle();
  expect(cluster.leaders).toEqual(["c"]);
});

test("a follower that is far behind gets a snapshot, then the entries after it", () => {
  const cluster = new TestCluster(["a", "b", "c"]);
  cluster.elect("a");
  cluster.delivers = ({ to }) => to !== "c";
  for (let sequence = 1; sequence <= 10; sequence++) {
    cluster.step("a", proposal("a", sequence, `${sequence}`));
  }
  cluster.run();
  const { appliedIndex } = cluster.core("a").status();
  cluster.step("a", { kind: "snapshotTaken", index: appliedIndex, data: bytes("state") });
  cluster.step("a", { kind: "compact", throughIndex: appliedIndex });
  cluster.step("a", proposal("a", 11, "11"));
  cluster.delivers = () => true;
  cluster.run(5);
  const { commitIndex, snapshotIndex } = cluster.core("c").status();
  expect(snapshotIndex).toBe(appliedIndex);
  expect(commitIndex).toBe(cluster.core("a").status().commitIndex);
  expect(applied(cluster, "c").at(-1)).toBe("11");
});
