import { describe, expect, test } from "bun:test";
import { VirtualTime } from "../../../test/kit/virtual_time.ts";
import { NO_MEMBERSHIP, type MemberStatus } from "../../raft/mod.ts";
import type { MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import { becomeMember } from "./join.ts";

const CLUSTER = { clusterId: "c", members: [{ id: "a", address: "a:7000" }] };
const TAKEN = { type: "urn:phi:problem:member_conflict", detail: "It was removed." };

/** One that asks to be let in, and is given these answers, the last of them for good. */
function setUp(...answers: readonly (() => Response)[]) {
  return setUpAt(CLUSTER, answers);
}

/** `cluster` is that of whom it asks. */
function setUpAt(cluster: typeof CLUSTER, answers: readonly (() => Response)[]) {
  const time = new VirtualTime();
  const stopping = new AbortController();
  const status = { id: "b", membership: NO_MEMBERSHIP, appliedIndex: 0 };
  const asked: string[] = [];
  const ends: unknown[] = [];
  const said: string[] = [];
  const flags = { join: "a:8000", datadir: "/data" } as unknown as MonitorArguments;
  const node = {
    member: { status: () => status as unknown as MemberStatus },
    status: () => ({ clusterId: "c" }),
  };
  const fetch = async (request: Request) => {
    if (request.method === "GET") return Response.json(cluster);
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return answers[Math.min(asked.length, answers.length) - 1]!();
  };
  const tell = (level: string, line: string) => void said.push(`${level}: ${line}`);
  const grants = { fetch, timers: time, signal: stopping.signal, tell };
  void becomeMember(flags, "b:7000", {} as Credentials, node, grants).then((end) => ends.push(end));
  /** Lets time pass, and what comes of it happen. */
  const pass = async (ms: number) => {
    for (let passedMs = 0; passedMs < ms; passedMs += 20) {
      for (let count = 0; count < 20; count++) await Promise.resolve();
      time.pass(20);
    }
    for (let count = 0; count < 20; count++) await Promise.resolve();
  };
  return { status, asked, said, ends, pass, stopping, time };
}

describe("becomeMember()", () => {
  test("is done once the cluster has told it what it knows", async () => {
    const { status, asked, ends, pass, time } = setUp(() => Response.json(CLUSTER));
    await pass(3_000);
    expect([asked, ends]).toEqual([["POST /cluster/join"], []]);
    status.appliedIndex = 5;
    await pass(100);
    expect([ends, asked.length, time.waitingCount]).toEqual([[{ ok: true }], 1, 0]);
  });

  test("asks again where it is told nothing, says so once, and ends if it was taken out meanwhile", async () => {
    const { asked, said, ends, pass } = setUp(
      () => Response.json(CLUSTER),
      () => Response.json(CLUSTER),
      () => Response.json(TAKEN, { status: 409 }),
    );
    await pass(9_900);
    expect(asked).toHaveLength(1);
    const asks = "info: asks a:8000 to be let into the cluster, as b at b:7000";
    expect(said).toEqual([asks]);
    await pass(5_000);
    expect(asked).toHaveLength(2);
    const told = expect.stringMatching(
      /^warning: joining: was let in.*nothing for 10 s: does the leader reach it at b:7000\?$/u,
    );
    expect(said).toEqual([asks, told]);
    await pass(10_000);
    expect(asked).toHaveLength(3);
    const detail = expect.stringContaining("cannot join: http://a:8000/cluster/join: 409: It was");
    expect(ends).toEqual([{ ok: false, detail }]);
    expect(said).toHaveLength(2);
  });

  test("asks nobody of another cluster than the one that its directory was begun for", async () => {
    const other = { ...CLUSTER, clusterId: "x" };
    const { asked, ends, pass } = setUpAt(other, [() => Response.json(other)]);
    await pass(100);
    expect(asked).toEqual([]);
    const detail =
      "cannot join: a:8000 is of cluster x, and /data was begun to join cluster c, " +
      "of which it holds nothing yet: empty it to join x";
    expect(ends).toEqual([{ ok: false, detail }]);
  });

  test("is given up while it waits", async () => {
    const { ends, pass, stopping, time } = setUp(() => Response.json(CLUSTER));
    await pass(1_000);
    stopping.abort();
    await pass(100);
    expect(ends).toEqual([{ ok: false, detail: "cannot join: the joining was given up" }]);
    expect(time.waitingCount).toBe(0);
  });
});
