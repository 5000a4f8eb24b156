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

/** Quick to judge, but no quicker than a server's process may stand still on a busy machine. */
const QUICK = {
  intervalMillis: 300,
  timeoutMillis: 1_000,
  monitor: { threshold: 12, minStdDeviationMillis: 300, firstHeartbeatEstimateMillis: 600 },
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

interface Observers {
  readonly observers: readonly {
    readonly self: boolean;
    readonly heard: boolean;
    readonly inDoubt: boolean;
  }[];
}

interface Seen {
  readonly verdict: string;
  readonly combined: Combined;
}

async function look(monitor: Monitor, name: string): Promise<Seen> {
  return (await monitor.ask(`/targets/${name}`)).body as unknown as Seen;
}

/** `own`: what it has to say itself meanwhile; `dissenters`, who has to differ. */
async function untilCombined(
  monitor: Monitor,
  name: string,
  verdict: string,
  also: { readonly own?: string; readonly dissenters?: readonly string[] } = {},
): Promise<Seen> {
  const { own, dissenters } = also;
  return await until(
    `${monitor.id} to hold ${name} for ${verdict} together: ${JSON.stringify(also)}`,
    async () => {
      const seen = await look(monitor, name);
      const isIt =
        seen.combined?.verdict === verdict &&
        (own === undefined || seen.verdict === own) &&
        (dissenters === undefined || seen.combined.dissenters.join() === dissenters.join());
      return isIt ? seen : undefined;
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
      const own = monitor === c ? "down" : "up";
      await untilCombined(monitor, "s", "partial", { own, dissenters: ["c"] });
    }
    await until("a's list to say so", async () => {
      const [{ combined }] = JSON.parse(String((await a.ask("/targets")).body["text"]));
      return (combined.verdict === "partial" && combined.dissenters.join() === "c") || undefined;
    });
    await untilVotes(a, "s", "uud");
    await until("b's series to say so", async () => {
      const [state, dissenters, heard, suspicion] = await Promise.all([
        b.metric('phi_combined_state{target="s",state="partial"}'),
        b.metric('phi_combined_dissenters{target="s"}'),
        b.metric('phi_observer_heard{observer="c"}'),
        b.metric('phi_observer_suspicion{target="s",observer="c"}'),
      ]);
      const isDown = (suspicion ?? 0) >= QUICK.monitor.threshold;
      return (state === 1 && dissenters === 1 && heard === 1 && isDown) || undefined;
    });
    for (const monitor of monitors) {
      // On a busy machine one of them may suspect it for a moment.
      await monitor.untilSays(/s, all observers: \w+ -> partial: c says down; [ab]/u);
      expect(monitor.log).not.toMatch(/all observers: \w+ -> down/u);
    }

    servers.signal("SIGKILL");
    for (const monitor of monitors) {
      const { combined } = await untilCombined(monitor, "s", "down");
      expect(combined.votes.map(({ observer }) => observer)).toEqual(["a", "b", "c"]);
    }

    for (const monitor of [b, c]) await monitor.end("SIGKILL");
    await until("a to hear neither", async () => {
      const { observers } = (await a.ask("/observers")).body as unknown as Observers;
      return observers.every(({ self, heard }) => self === heard) || undefined;
    });
    await untilCombined(a, "s", "unknown", { own: "down", dissenters: ["a"] });
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

/** All three have told each other what they see. */
async function untilVotes(monitor: Monitor, name: string, votes: string): Promise<void> {
  await until(`the votes on ${name} to be ${votes}`, async () => {
    const { observers, targets } = (await monitor.ask("/observers/matrix")).body as {
      observers?: readonly string[];
      targets?: Readonly<Record<string, string>>;
    };
    return observers?.join() === "a,b,c" && targets?.[name] === votes ? true : undefined;
  });
}

test(
  "one that was stopped for some seconds says nothing false; a server that dies is down for all, and not before a second one sees it",
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
    await until("c to trust itself again", async () => {
      const { observers } = (await c.ask("/observers")).body as unknown as Observers;
      return observers.some(({ self, inDoubt }) => self && inDoubt) ? undefined : true;
    });
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
      expect(combinedMs).toBeGreaterThanOrEqual(second!);
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
    const { timeoutMillis: _, ...settings } = QUICK;
    const put = await monitors[0]!.put({ name: "job", url: "push:", ...settings });
    expect(put.status).toBe(200);
    for (const monitor of monitors) {
      await until(`${monitor.id} to watch it`, async () =>
        (await monitor.ask("/targets/job")).status === 200 ? true : undefined,
      );
    }
    let sequence = 0;
    const answers: { readonly id: string; readonly status: number }[] = [];
    const reporting = setInterval(() => {
      // Each to another one.
      const { id, url } = monitors[++sequence % 3]!;
      void fetch(`${url}/heartbeat/job?sequence=${sequence}`, { method: "POST" }).then(
        ({ status }) => answers.push({ id, status }),
        () => answers.push({ id, status: Number.NaN }),
      );
    }, QUICK.intervalMillis);
    try {
      for (const monitor of monitors) await untilCombined(monitor, "job", "up");
      answers.splice(0);
      for (const { id } of monitors) {
        await until(`${id} to take some more beats`, () => {
          const taken = answers.filter((answer) => answer.id === id && answer.status === 204);
          return taken.length >= 6 ? true : undefined;
        });
      }
      // One that arrives later than the next one, which went another way, is stale.
      expect(answers.filter(({ status }) => status !== 204 && status !== 409)).toEqual([]);
      for (const monitor of monitors) {
        await untilCombined(monitor, "job", "up", { own: "up", dissenters: [] });
      }
    } finally {
      clearInterval(reporting);
    }
    for (const monitor of monitors) await untilCombined(monitor, "job", "down");
  },
  LONG_MS,
);
