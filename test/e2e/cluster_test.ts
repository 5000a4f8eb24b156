/** Three monitors with one config, all the compiled binary: what is written, who leads, what restarts. */
import { afterEach, describe, expect, test } from "bun:test";
import { control, startServers, stopAll, until } from "../kit/binary.ts";
import { leaderOf, type Monitor, rolesOf, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 60_000;

afterEach(stopAll);

/** Quick to judge, but no quicker than a server's process may stand still on a busy machine. */
const QUICK = {
  intervalMillis: 300,
  timeoutMillis: 1_000,
  monitor: { threshold: 12, minStdDeviationMillis: 300, firstHeartbeatEstimateMillis: 600 },
};
const target = (name: string, port: number, more: object = {}) => ({
  name,
  url: `http://127.0.0.1:${port}/heartbeat`,
  ...QUICK,
  ...more,
});

/** When the monitor saw the target for the first time, on its own clock. */
async function untilWatched(monitor: Monitor, name: string): Promise<void> {
  await until(`${monitor.id} to hear of ${name}`, async () =>
    ((await monitor.heartbeats(name)) ?? 0) > 0 ? true : undefined,
  );
}

/**
 * Ends the leader with SIGTERM under a stream of writes through `follower`: what was answered, and whether it said
 * before its end who leads next.
 */
async function endUnderWrites(leader: Monitor, follower: Monitor, port: number) {
  const { term } = (await leader.status())!;
  const statuses: number[] = [];
  const over = new AbortController();
  const stream = async () => {
    for (let count = 0; !over.signal.aborted; count++) {
      const labels = { n: `${count}` };
      statuses.push((await follower.put(target(`s${count % 20}`, port, { labels }))).status);
    }
  };
  const streaming = stream();
  await until("some writes", () => (statuses.length > 20 ? true : undefined));
  expect(await leader.end("SIGTERM")).toBe(0);
  const count = statuses.length;
  await until("more writes", () => (statuses.length > count + 20 ? true : undefined));
  over.abort();
  await streaming;
  const next = await follower.untilStatus("to follow another one", (status) => status.quorum);
  expect(next.term).toBeGreaterThan(term);
  expect(next.leader).not.toBe(leader.id);
  const isHandedOver = leader.log.includes(`${next.leader} leads in term ${term + 1}`);
  return { statuses, isHandedOver };
}

async function verdictOf(monitor: Monitor, name: string): Promise<unknown> {
  return (await monitor.ask(`/targets/${name}`)).body["verdict"];
}

describe("three monitors", () => {
  test(
    "what is written to a follower is watched by all: each has asked before any asks a third time",
    async () => {
      const { ports } = await startServers(1);
      const monitors = await startCluster(3);
      const { followers } = await rolesOf(monitors);
      // Each monitor keeps a connection of its own.
      const connections: number[] = [];
      const server = Bun.serve({
        port: 0,
        hostname: "127.0.0.1",
        fetch: (request, self) => {
          connections.push(self.requestIP(request)!.port);
          return new Response("ok");
        },
      });
      expect((await followers[0]!.put(target("s", ports[0]!))).status).toBe(200);
      const slow = { intervalMillis: 2_000, monitor: {} };
      expect((await followers[0]!.put(target("t", server.port!, slow))).status).toBe(200);
      await until("nine probes", () => (connections.length >= 9 ? true : undefined));
      await server.stop(true);
      expect(new Set(connections).size).toBe(3);
      // Each first asks at a random time within an interval of hearing of it, and not all hear of it at
      // once: one may ask twice before another has asked, but none three times.
      const third = connections.findIndex(
        (port, place) => connections.slice(0, place).filter((each) => each === port).length === 2,
      );
      expect(new Set(connections.slice(0, third)).size).toBe(3);
      for (const monitor of monitors) await untilWatched(monitor, "s");
      const removed = await followers[1]!.ask("/config/s", { method: "DELETE" });
      expect(removed.status).toBe(200);
      for (const monitor of monitors) {
        await until(`${monitor.id} to forget`, async () =>
          (await monitor.heartbeats("s")) === undefined ? true : undefined,
        );
      }
    },
    LONG_MS,
  );

  test(
    "the leader is killed: another leads, nothing is lost, each survivor takes writes, and it comes back",
    async () => {
      const { ports } = await startServers(1);
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const written: string[] = [];
      for (const [place, monitor] of monitors.entries()) {
        expect((await monitor.put(target(`s${place}`, ports[0]!))).status).toBe(200);
        written.push(`s${place}`);
      }
      await leader.end("SIGKILL");
      const next = await leaderOf(followers);
      expect(next).not.toBe(leader);
      // Each survivor says which one is dead, and that the other is not.
      for (const survivor of followers) {
        await survivor.untilStatus("to miss the dead one alone", ({ members }) =>
          members.every(({ id, isConnected }) => isConnected === (id !== leader.id)),
        );
      }
      for (const [place, survivor] of followers.entries()) {
        expect(await survivor.names()).toEqual([...written].toSorted());
        expect((await survivor.put(target(`t${place}`, ports[0]!))).status).toBe(200);
        written.push(`t${place}`);
      }
      leader.start();
      await untilWhole(monitors);
      for (const monitor of monitors) {
        await monitor.untilStatus("to have all again", ({ members }) =>
          members.every(({ isConnected }) => isConnected),
        );
      }
      expect(await leader.names("?stale=true")).toEqual([...written].toSorted());
      await untilWatched(leader, "t1");
      expect((await leader.put(target("u", ports[0]!))).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "one that is started again alone watches its last config, says that there is no quorum, and writes nothing",
    async () => {
      const { ports } = await startServers(1);
      const monitors = await startCluster(3);
      const [first] = monitors;
      await first!.put(target("s", ports[0]!));
      for (const monitor of monitors) await untilWatched(monitor, "s");
      for (const monitor of monitors) await monitor.end("SIGKILL");
      first!.start();
      await until("it to listen", async () => ((await first!.status()) ? true : undefined));
      await untilWatched(first!, "s");
      const ready = await first!.ask("/readyz");
      expect(ready).toMatchObject({ status: 200, body: { quorum: false, watching: 1 } });
      expect(await first!.metric("phi_raft_quorum")).toBe(0);
      const read = await first!.ask("/config");
      expect(read.status).toBe(503);
      expect(read.body["detail"]).toContain("?stale=true");
      expect(read.headers.get("retry-after")).toBe("1");
      expect(await first!.names("?stale=true")).toEqual(["s"]);
      const write = await first!.put(target("t", ports[0]!));
      expect(write.status).toBe(503);
      expect(write.headers.get("retry-after")).toBe("1");
      expect(write.body["type"]).toMatch(/^urn:phi:problem:write_(?:failed|unknown)$/u);
      expect(write.body["detail"]).toMatch(/(?:has failed|is unknown).*within 1500 ms/u);
      monitors[1]!.start();
      await leaderOf(monitors.slice(0, 2));
      expect((await first!.put(target("t", ports[0]!))).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "the leader ends on SIGTERM: it hands over first, and a stream of writes sees no failure",
    async () => {
      const { ports } = await startServers(1);
      const monitors = await startCluster(3);
      // It waits a second for the next one, and goes: a machine that is too busy for that may miss it once or twice.
      let isHandedOver = false;
      for (let attempt = 0; attempt < 3 && !isHandedOver; attempt++) {
        const { leader, followers } = await rolesOf(monitors);
        const ended = await endUnderWrites(leader, followers[0]!, ports[0]!);
        ({ isHandedOver } = ended);
        const isFine = (status: number) => status === 200 || (status === 503 && !isHandedOver);
        expect(ended.statuses.filter((status) => !isFine(status))).toEqual([]);
        expect(leader.log).not.toContain("a bug");
        leader.start();
        await untilWhole(monitors);
      }
      expect(isHandedOver).toBe(true);
    },
    2 * LONG_MS,
  );

  test(
    "stopped for some seconds, a monitor calls nothing down when it goes on, and catches up",
    async () => {
      const { ports } = await startServers(2);
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      await leader.put(target("s0", ports[0]!));
      for (const monitor of monitors) {
        await until(`${monitor.id} to see s0`, async () =>
          (await verdictOf(monitor, "s0")) === "up" ? true : undefined,
        );
      }
      for (const stopped of [followers[0]!, leader]) {
        stopped.running.signal("SIGSTOP");
        const others = monitors.filter((monitor) => monitor !== stopped);
        await leaderOf(others);
        const name = `while-${stopped.id}-stood`;
        expect((await others[0]!.put(target(name, ports[1]!))).status).toBe(200);
        await Bun.sleep(3_000);
        stopped.running.signal("SIGCONT");
        expect((await stopped.names()).includes(name)).toBe(true);
        await untilWatched(stopped, name);
        await untilWhole(monitors);
      }
      for (const monitor of monitors) {
        expect(monitor.log).not.toMatch(/s0: up -> /u);
        expect(await verdictOf(monitor, "s0")).toBe("up");
      }
      // It does judge: what is silent is down.
      await control(ports[0]!, { paused: true });
      for (const monitor of monitors) {
        await until(`${monitor.id} to call s0 down`, async () =>
          (await verdictOf(monitor, "s0")) === "down" ? true : undefined,
        );
      }
    },
    LONG_MS,
  );
});
