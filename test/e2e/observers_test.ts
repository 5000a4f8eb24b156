/** Three monitors that compare what they see, all the compiled binary: one that is cut off, a server that dies, a minority. */
import { afterEach, expect, test } from "bun:test";
import { freePorts } from "../../sim/free_ports.ts";
import { startServers, stopAll, until } from "../kit/binary.ts";
import { type Monitor, startCluster } from "../kit/cluster.ts";

const LONG_MS = 90_000;

const doors: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  await stopAll();
  for (const door of doors.splice(0)) await door.stop();
});

/** Quick to judge, so that a test does not take long. */
const QUICK = {
  intervalMillis: 200,
  timeoutMillis: 500,
  monitor: { threshold: 8, minStdDeviationMillis: 100, firstHeartbeatEstimateMillis: 300 },
};
const target = (name: string, port: number) => ({
  name,
  url: `http://127.0.0.1:${port}/heartbeat`,
  ...QUICK,
});

/** A way to the server on `serverPort` for one monitor alone, which can be shut. */
function openDoor(serverPort: number): { readonly flag: string; stop(): Promise<void> } {
  const [port] = freePorts(1);
  const server = Bun.serve({
    port: port!,
    hostname: "127.0.0.1",
    fetch: () => fetch(`http://127.0.0.1:${serverPort}/heartbeat`),
  });
  const door = {
    flag: `--connect-to=127.0.0.1:${serverPort}=127.0.0.1:${port}`,
    stop: () => server.stop(true),
  };
  doors.push(door);
  return door;
}

interface Combined {
  readonly verdict: string;
  readonly dissenters: readonly string[];
  readonly needed: number;
  readonly members: number;
  readonly votes: readonly {
    readonly observer: string;
    readonly verdict: string;
    readonly counted: boolean;
  }[];
}

interface Seen {
  readonly verdict: string;
  readonly combined: Combined;
}

async function look(monitor: Monitor, name: string): Promise<Seen> {
  return (await monitor.ask(`/targets/${name}`)).body as unknown as Seen;
}

async function untilCombined(monitor: Monitor, name: string, verdict: string): Promise<Seen> {
  return await until(
    `${monitor.id} to hold ${name} for ${verdict} together`,
    async () => {
      const seen = await look(monitor, name);
      return seen.combined?.verdict === verdict ? seen : undefined;
    },
    monitor.running,
  );
}

test(
  "one of three is cut off from a healthy server: it alone says down, and all three say partial and name it; then the server dies, and then two monitors",
  async () => {
    const { running: servers, ports } = await startServers(1);
    const door = openDoor(ports[0]!);
    const monitors = await startCluster(3, (id) => (id === "c" ? { flags: [door.flag] } : {}));
    const [a, b, c] = monitors as [Monitor, Monitor, Monitor];
    expect((await a.put(target("s", ports[0]!))).status).toBe(200);
    for (const monitor of monitors) {
      const { combined } = await until(`${monitor.id} to hear all say up`, async () => {
        const seen = await look(monitor, "s");
        const votes = seen.combined?.votes ?? [];
        const ups = votes.filter(({ verdict, counted }) => counted && verdict === "up");
        return ups.length === 3 ? seen : undefined;
      });
      expect(combined).toMatchObject({ verdict: "up", dissenters: [], needed: 2, members: 3 });
    }

    await door.stop();
    for (const monitor of monitors) {
      const { combined } = await untilCombined(monitor, "s", "partial");
      expect(combined.dissenters).toEqual(["c"]);
    }
    expect((await look(c, "s")).verdict).toBe("down");
    for (const monitor of [a, b]) expect((await look(monitor, "s")).verdict).toBe("up");
    const list = await a.ask("/targets");
    expect(JSON.parse(String(list.body["text"]))[0].combined).toMatchObject({
      verdict: "partial",
      dissenters: ["c"],
    });
    expect((await a.ask("/observers/matrix")).body).toEqual({
      observers: ["a", "b", "c"],
      targets: { s: "uud" },
    });
    expect(await b.metric('phi_combined_state{target="s",state="partial"}')).toBe(1);
    expect(await b.metric('phi_combined_dissenters{target="s"}')).toBe(1);
    expect(await b.metric('phi_observer_suspicion{target="s",observer="c"}')).toBeGreaterThan(8);
    expect(await b.metric('phi_observer_heard{observer="c"}')).toBe(1);
    for (const monitor of monitors) {
      await monitor.untilSays(/s, all observers: up -> partial: c says down; a, b say up/u);
      expect(monitor.log).not.toMatch(/all observers: \w+ -> down/u);
    }

    servers.signal("SIGKILL");
    for (const monitor of monitors) {
      const { combined } = await untilCombined(monitor, "s", "down");
      expect(combined.votes.map(({ observer }) => observer)).toEqual(["a", "b", "c"]);
    }

    for (const monitor of [b, c]) await monitor.end("SIGKILL");
    const { combined, verdict } = await untilCombined(a, "s", "unknown");
    expect([verdict, combined.dissenters]).toEqual(["down", ["a"]]);
    expect((await a.ask("/observers")).body).toMatchObject({
      self: "a",
      members: 3,
      needed: 2,
      minority: true,
      observers: [
        { id: "a", self: true, heard: true, silentSeconds: 0, targets: { down: 1 } },
        { id: "b", self: false, heard: false, targets: null },
        { id: "c", self: false, heard: false, targets: null },
      ],
    });
    await a.untilSays(/b is not heard/u);

    b.start();
    await untilCombined(a, "s", "down");
    await untilCombined(b, "s", "down");
  },
  LONG_MS,
);

/** When the log has said this first. */
function saidAtMs({ id, log }: Monitor, pattern: RegExp): number {
  const line = log.split("\n").find((each) => pattern.test(each));
  if (line === undefined) throw new Error(`${id} has not said ${pattern}`);
  return Date.parse(line.slice(0, line.indexOf(" ")));
}

/** All have told each other what they see. */
async function untilVotes(monitor: Monitor, name: string, votes: string): Promise<void> {
  await until(`the votes on ${name} to be ${votes}`, async () => {
    const { targets } = (await monitor.ask("/observers/matrix")).body as {
      targets?: Readonly<Record<string, string>>;
    };
    return targets?.[name] === votes ? true : undefined;
  });
}

test(
  "one that was stopped for some seconds says nothing false; a server that dies is down for all within a second of the second that sees it",
  async () => {
    const { running: servers, ports } = await startServers(1);
    const monitors = await startCluster(3);
    const [a, b, c] = monitors as [Monitor, Monitor, Monitor];
    await b.put(target("s", ports[0]!));
    for (const monitor of monitors) await untilVotes(monitor, "s", "uuu");
    c.running.signal("SIGSTOP");
    for (const monitor of [a, b]) await monitor.untilSays(/c is not heard/u);
    await Bun.sleep(3_000);
    c.running.signal("SIGCONT");
    for (const monitor of [a, b]) await monitor.untilSays(/c is not heard[^]*c is heard/u);
    await Bun.sleep(1_000);
    for (const monitor of monitors) {
      expect((await look(monitor, "s")).combined.verdict).toBe("up");
      expect(monitor.log).not.toMatch(/s, all observers: up ->/u);
    }
    // To it nobody was silent meanwhile.
    expect(c.log).not.toMatch(/[ab] is not heard/u);

    servers.signal("SIGKILL");
    for (const monitor of monitors) await untilCombined(monitor, "s", "down");
    await until("all to say it themselves", () =>
      monitors.every(({ log }) => / s: \w+ -> down/u.test(log)) ? true : undefined,
    );
    const [, second] = monitors
      .map((monitor) => saidAtMs(monitor, / s: \w+ -> down/u))
      .toSorted((left, right) => left - right);
    for (const monitor of monitors) {
      const combinedMs = saidAtMs(monitor, / s, all observers: \w+ -> down/u);
      expect(combinedMs - second!).toBeLessThanOrEqual(1_000);
    }
  },
  LONG_MS,
);

test(
  "a monitor that is alone holds what it sees itself",
  async () => {
    const { running: servers, ports } = await startServers(1);
    const [alone] = (await startCluster(1)) as [Monitor];
    await alone.put(target("s", ports[0]!));
    const { combined } = await untilCombined(alone, "s", "up");
    expect(combined).toMatchObject({ needed: 1, members: 1, dissenters: [] });
    servers.signal("SIGKILL");
    const seen = await untilCombined(alone, "s", "down");
    expect(seen.verdict).toBe("down");
    expect(alone.log).not.toContain("all observers");
  },
  LONG_MS,
);

test(
  "a target that reports by itself is up for all three, to whichever it reports",
  async () => {
    const monitors = await startCluster(3);
    const settings = { intervalMillis: 200, monitor: QUICK.monitor };
    const put = await monitors[0]!.put({ name: "job", url: "push:", ...settings });
    expect(put.status).toBe(200);
    for (const monitor of monitors) {
      await until(`${monitor.id} to watch it`, async () =>
        (await monitor.ask("/targets/job")).status === 200 ? true : undefined,
      );
    }
    let sequence = 0;
    let answers: number[] = [];
    const reporting = setInterval(() => {
      // Each to another one.
      const monitor = monitors[++sequence % 3]!;
      void fetch(`${monitor.url}/heartbeat/job?sequence=${sequence}`, { method: "POST" }).then(
        ({ status }) => answers.push(status),
      );
    }, 200);
    try {
      for (const monitor of monitors) await untilCombined(monitor, "job", "up");
      answers = [];
      await until("some more beats", async () => (answers.length >= 20 ? true : undefined));
      expect(new Set(answers)).toEqual(new Set([204]));
      for (const monitor of monitors) {
        const { verdict, combined } = await look(monitor, "job");
        expect([verdict, combined.verdict, combined.dissenters]).toEqual(["up", "up", []]);
      }
    } finally {
      clearInterval(reporting);
    }
    for (const monitor of monitors) await untilCombined(monitor, "job", "down");
  },
  LONG_MS,
);
