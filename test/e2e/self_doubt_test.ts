/** A monitor that doubts itself: the compiled binary, stopped and woken, and one without descriptors. */
import { afterAll, afterEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BINARY,
  run,
  start,
  startMonitor,
  startServers,
  stopAll,
  temporaryDirectory,
  until,
} from "../kit/binary.ts";
import { TestAuthority } from "../kit/certificates.ts";
import { type Monitor, startCluster } from "../kit/cluster.ts";

const LONG_MS = 90_000;

const authority = new TestAuthority();
const certificate = authority.signed("monitor", {
  names: "DNS:monitor.example",
  ends: "20400101000000Z",
});

afterEach(stopAll);
afterAll(() => authority.remove());

interface Explained {
  readonly verdict: string;
  readonly sentences: readonly string[];
  readonly selfDoubts: readonly { readonly doubt: string; readonly detail: string }[];
}

/** Whom a monitor's certificate names does not matter here. */
const ANY_NAME = { tls: { rejectUnauthorized: false } };

test(
  "stopped and woken, it says so in its first answer, and no more once every target was asked again; over TLS it reaches itself",
  async () => {
    const { ports } = await startServers(1);
    const directory = temporaryDirectory();
    const [config, key] = [join(directory, "servers.yml"), join(directory, "key.pem")];
    await writeFile(
      config,
      `servers: [{name: s, url: "http://127.0.0.1:${ports[0]}/heartbeat", intervalMillis: 200}]`,
    );
    await writeFile(key, certificate.keyPem);
    const monitor = await startMonitor([
      `--config=${config}`,
      `--tls-cert=${certificate.certPath}`,
      `--tls-key=${key}`,
      "--allow-net=127.0.0.0/8",
    ]);
    const explain = async (): Promise<Explained> => {
      const response = await fetch(`${monitor.url}/targets/s/explain`, ANY_NAME);
      return (await response.json()) as Explained;
    };
    const doubts = async () => (await explain()).selfDoubts.map(({ doubt }) => doubt);
    await until("s to be up", async () => ((await explain()).verdict === "up" ? true : undefined));
    // It has asked itself twice by then, and would have doubted itself had it not been answered.
    await Bun.sleep(5_000);
    expect(await doubts()).not.toContain("self_probe");

    monitor.signal("SIGSTOP");
    await Bun.sleep(3_000);
    monitor.signal("SIGCONT");
    const { selfDoubts, sentences, verdict } = await explain();
    expect(verdict).toBe("up");
    const paused = selfDoubts.find(({ doubt }) => doubt === "paused");
    expect(paused?.detail).toMatch(/^the process did not run for (?:2\.[89]|3|3\.\d) s$/u);
    expect(sentences.join("\n")).toContain(`This monitor doubts itself: ${paused!.detail}`);
    await until("its doubt to be over", async () =>
      (await doubts()).includes("paused") ? undefined : true,
    );
    const log = monitor.stderr();
    expect(log).toContain(`this monitor doubts itself (paused): ${paused!.detail}`);
    expect(log).toMatch(/this monitor's doubt is over \(paused/u);
    expect(log).not.toMatch(/s: up -> /u);
  },
  LONG_MS,
);

/** Three monitors that all hold `s`, which is quick to judge, for up together. */
async function threeMonitors(): Promise<readonly [Monitor, Monitor, Monitor]> {
  const { ports } = await startServers(1);
  const [a, b, c] = (await startCluster(3)) as [Monitor, Monitor, Monitor];
  const monitor = { threshold: 8, minStdDeviationMillis: 100, firstHeartbeatEstimateMillis: 300 };
  const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
  await a.put({ name: "s", url, intervalMillis: 200, timeoutMillis: 500, monitor });
  for (const one of [a, b, c]) await untilMatrix(one, "uuu");
  return [a, b, c];
}

async function untilMatrix(monitor: Monitor, votes: string): Promise<void> {
  await until(`the votes on s to be ${votes} for ${monitor.id}`, async () => {
    const { targets } = (await monitor.ask("/observers/matrix")).body as {
      targets?: Readonly<Record<string, string>>;
    };
    return targets?.["s"] === votes ? true : undefined;
  });
}

interface ObserversAnswer {
  readonly observers: readonly { readonly id: string; readonly doubts: readonly string[] }[];
}

async function doubtsOf(observer: string, asked: Monitor): Promise<readonly string[]> {
  const { observers } = (await asked.ask("/observers")).body as unknown as ObserversAnswer;
  return observers.find(({ id }) => id === observer)?.doubts ?? [];
}

test(
  "one of three is stopped and woken: it and the others know, its votes do not count meanwhile, and nothing is called down",
  async () => {
    const monitors = await threeMonitors();
    const [a, , c] = monitors;
    c.running.signal("SIGSTOP");
    await untilMatrix(a, "uu-");
    await Bun.sleep(2_000);
    c.running.signal("SIGCONT");
    expect(await doubtsOf("c", c)).toContain("paused");
    expect(await c.metric('phi_observer_health{observer="c"}')).toBe(0);
    expect(await c.metric('phi_observer_doubt{observer="c",reason="paused"}')).toBe(1);
    await untilMatrix(a, "uuU");
    expect(await doubtsOf("c", a)).toContain("paused");
    expect(await a.metric('phi_observer_health{observer="c"}')).toBe(0);
    for (const monitor of monitors) {
      await untilMatrix(monitor, "uuu");
      expect(await monitor.metric('phi_observer_health{observer="c"}')).toBe(1);
      expect(monitor.log).not.toMatch(/s(?:, all observers)?: \w+ -> (?:partial|down)/u);
    }
    await a.untilSays(/c doubts itself \(paused/u);
    await c.untilSays(/this monitor's doubt is over \(paused/u);
  },
  LONG_MS,
);

test(
  "one of three stalls for 300 ms again and again: it is in doubt, and nothing is called down",
  async () => {
    const monitors = await threeMonitors();
    const [a, , c] = monitors;
    let wasInDoubt = false;
    for (let stall = 0; stall < 16; stall++) {
      c.running.signal("SIGSTOP");
      await Bun.sleep(300);
      c.running.signal("SIGCONT");
      await Bun.sleep(200);
      wasInDoubt ||= (await doubtsOf("c", a)).includes("loop_lag");
    }
    expect(wasInDoubt).toBe(true);
    await untilMatrix(a, "uuu");
    for (const { log } of monitors) {
      expect(log).not.toMatch(/s(?:, all observers)?: \w+ -> (?:partial|down)/u);
    }
  },
  LONG_MS,
);

test(
  "without descriptors for its targets it doubts itself before it suspects one of them",
  async () => {
    const { ports } = await startServers(1);
    const config = join(temporaryDirectory(), "servers.yml");
    const targets = Array.from(
      { length: 60 },
      (_, index) => `  - {name: s${index}, url: "http://127.0.0.1:${ports[0]}/heartbeat"}\n`,
    );
    await writeFile(config, `servers:\n${targets.join("")}`);
    const command = ["bash", "-c", 'ulimit -n 70; exec "$0" "$@"', BINARY];
    const args = ["monitor", "--http-bind=127.0.0.1:0", "--allow-net=127.0.0.0/8"];
    const monitor = start([...args, `--config=${config}`], { command });
    const doubted = /this monitor doubts itself \(self_probe\): .*EMFILE/u;
    await until("it to doubt itself", () => doubted.exec(monitor.stderr())?.[0], monitor);
    await until("it to suspect one", () => /-> suspect/u.exec(monitor.stderr())?.[0], monitor);
    const log = monitor.stderr();
    expect(log.search(doubted)).toBeLessThan(log.search(/-> suspect/u));
  },
  LONG_MS,
);

test(
  "phi explain says why a server is down, and what to do about a name that is not watched",
  async () => {
    const { ports, running } = await startServers(1);
    const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
    const api = `--api=${monitor.url}`;
    const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
    expect((await run(["targets", "add", "s", url, api])).code).toBe(0);
    const verdict = async (wanted: string) =>
      await until(`s to be ${wanted}`, async () => {
        const { stdout } = await run(["explain", "s", api]);
        return stdout.startsWith(`s is ${wanted}, since `) ? stdout : undefined;
      });
    expect(await verdict("up")).toMatch(/If nothing arrives, it will be suspect at [\d:]+ UTC/u);
    running.signal("SIGKILL");
    const down = await verdict("down");
    expect(down).toMatch(/probes? failed, the last one at [\d:]+ UTC .*: refused: /u);
    const json = await run(["explain", "s", "--json", api]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      target: "s",
      verdict: "down",
      recovery: { heartbeats: 0, needed: 2 },
    });
    const unknown = await run(["explain", "t", api]);
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toBe('phi: "t" is not watched; "phi targets list" shows what is\n');
  },
  LONG_MS,
);
