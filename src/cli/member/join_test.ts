import { describe, expect, test } from "bun:test";
import { VirtualTime } from "../../../test/kit/virtual_time.ts";
import { NO_MEMBERSHIP, type MemberStatus } from "../../raft/mod.ts";
import type { MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import { becomeMember } from "./join.ts";

const CLUSTER = { clusterId: "c", members: [{ id: "a", address: "a:7000" }] };
const TAKEN = { type: "urn:phi:problem:member_conflict", detail: "It was removed." };

type Answer = () => Response | Promise<Response>;

/** As a fetch ends that is given up. */
function orAborted<T>(later: T | Promise<T>, { signal }: Request): Promise<T> {
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason));
  });
  return Promise.race([later, aborted]);
}

/** One that asks to be let in, and is given these answers, the last of them for good. */
function setUp(...answers: readonly Answer[]) {
  return setUpAt(CLUSTER, answers);
}

/** `cluster` is that of whom it asks, or comes later. */
function setUpAt(cluster: typeof CLUSTER | Promise<typeof CLUSTER>, answers: readonly Answer[]) {
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
    if (request.method === "GET") return Response.json(await orAborted(cluster, request));
    asked.push(`${request.method} ${new URL(request.url).pathname}`);
    return await orAborted(answers[Math.min(asked.length, answers.length) - 1]!(), request);
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

  const never = new Promise<never>(() => undefined);

  test.each([
    ["does not answer who it is", () => setUpAt(never, [() => Response.json(CLUSTER)])],
    ["does not answer whether it lets it in", () => setUp(() => never)],
    ["is not there any more", () => setUp(() => new Response("", { status: 502 }))],
  ])("is done once it is told, also where the one that it asks %s", async (_what, asking) => {
    const { status, said, ends, pass, time } = asking();
    await pass(500);
    const saidBefore = said.length;
    expect(ends).toEqual([]);
    status.appliedIndex = 1;
    await pass(100);
    expect([ends, said.length, time.waitingCount]).toEqual([[{ ok: true }], saidBefore, 0]);
  });

  test("is done once it is told, whatever the one that it asks has become", async () => {
    const other = Promise.withResolvers<typeof CLUSTER>();
    const { status, asked, ends, pass, time } = setUpAt(other.promise, []);
    await pass(10);
    status.appliedIndex = 1;
    other.resolve({ ...CLUSTER, clusterId: "x" });
    // In no time, so that nothing has looked meanwhile.
    await pass(0);
    expect([asked, ends, time.waitingCount]).toEqual([[], [{ ok: true }], 0]);
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
