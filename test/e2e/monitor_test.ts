/** A monitor and simulated servers, both the compiled binary, over real sockets. */
import { afterEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "../../sim/free_ports.ts";
import {
  answers,
  control,
  run,
  start,
  startMonitor,
  startServers,
  stopAll,
  temporaryDirectory,
  until,
} from "../kit/binary.ts";

const LONG_MS = 60_000;

afterEach(stopAll);

interface TargetAnswer {
  readonly verdict: string;
  readonly phi: number;
  readonly verdictSince: string;
}

async function put(url: string, target: Record<string, unknown>): Promise<Response> {
  return fetch(`${url}/config`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(target),
  });
}

async function look(url: string, name: string): Promise<TargetAnswer> {
  return (await (await fetch(`${url}/targets/${name}`)).json()) as TargetAnswer;
}

async function untilVerdict(url: string, name: string, verdict: string): Promise<TargetAnswer> {
  return until(`${name} to be ${verdict}`, async () => {
    const answer = await look(url, name);
    return answer.verdict === verdict ? answer : undefined;
  });
}

/** Quick to judge, but no quicker than a server's process may stand still on a busy machine. */
const QUICK = {
  intervalMillis: 300,
  timeoutMillis: 1_000,
  monitor: { threshold: 12, minStdDeviationMillis: 300, firstHeartbeatEstimateMillis: 600 },
};

describe("phi monitor", () => {
  test(
    "sees a server fail and come back, and logs each change once with its numbers",
    async () => {
      const { ports } = await startServers(1);
      const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
      const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
      expect((await put(monitor.url, { name: "s", url, ...QUICK })).status).toBe(200);
      await untilVerdict(monitor.url, "s", "up");
      await control(ports[0]!, { paused: true });
      const down = await untilVerdict(monitor.url, "s", "down");
      expect(down.phi).toBeGreaterThanOrEqual(12);
      await control(ports[0]!, { paused: false });
      await untilVerdict(monitor.url, "s", "up");
      const changes = monitor.stderr().match(/s: \w+ -> \w+: .*/gu)!;
      expect(changes.map((line) => /\w+ -> \w+/u.exec(line)![0])).toEqual([
        "unknown -> up",
        "up -> suspect",
        "suspect -> down",
        "down -> up",
      ]);
      expect(changes[2]).toMatch(/no heartbeat for [\d.]+ s: phi reached 12 .*mean [\d.]+ s/u);
    },
    LONG_MS,
  );

  test(
    "stopped for 10 s, it calls nothing down when it goes on; a server that died meanwhile is down soon after",
    async () => {
      const { ports } = await startServers(2);
      const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
      for (const [index, port] of ports.entries()) {
        const url = `http://127.0.0.1:${port}/heartbeat`;
        await put(monitor.url, { name: `s${index}`, url, ...QUICK });
      }
      await untilVerdict(monitor.url, "s0", "up");
      await untilVerdict(monitor.url, "s1", "up");
      monitor.signal("SIGSTOP");
      await control(ports[1]!, { paused: true });
      await Bun.sleep(10_000);
      monitor.signal("SIGCONT");
      await untilVerdict(monitor.url, "s1", "down");
      const log = monitor.stderr();
      expect(log).not.toMatch(/s0: up -> /u);
      expect((await look(monitor.url, "s0")).verdict).toBe("up");
      const metrics = await (await fetch(`${monitor.url}/metrics`)).text();
      const paused = /^phi_monitor_paused_seconds_total ([\d.]+)$/mu.exec(metrics)![1];
      expect(Number(paused)).toBeGreaterThan(9);
    },
    LONG_MS,
  );

  test(
    "DELETE removes a target's series at the next scrape; PUT on a known name keeps its history",
    async () => {
      const { ports } = await startServers(1);
      const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
      const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
      await put(monitor.url, { name: "s", url, ...QUICK });
      await untilVerdict(monitor.url, "s", "up");
      const heartbeats = async () => {
        const text = await (await fetch(`${monitor.metricsUrl}/metrics`)).text();
        const found = /^phi_heartbeats_total\{target="s"\} (\d+)$/mu.exec(text)?.[1];
        return found === undefined ? undefined : Number(found);
      };
      const before = (await heartbeats())!;
      const foreign = { headers: { host: "evil.example" } };
      for (const face of [monitor.metricsUrl, monitor.url]) {
        expect((await fetch(`${face}/metrics`, foreign)).status).toBe(421);
      }
      const stricter = { ...QUICK.monitor, threshold: 10 };
      await put(monitor.url, { name: "s", url, ...QUICK, monitor: stricter });
      expect((await heartbeats())!).toBeGreaterThanOrEqual(before);
      expect((await fetch(`${monitor.url}/config/s`, { method: "DELETE" })).ok).toBe(true);
      expect(await heartbeats()).toBeUndefined();
    },
    LONG_MS,
  );

  test(
    "what --allow-net does not allow is refused when it is written",
    async () => {
      const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
      const response = await put(monitor.url, { name: "s", url: "http://10.1.0.1/heartbeat" });
      expect(response.status).toBe(422);
      expect(await response.text()).toContain("10.1.0.1");
      expect(await (await fetch(`${monitor.url}/targets`)).json()).toEqual([]);
    },
    LONG_MS,
  );

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends it with exit 0 and the listeners closed",
    async (signal) => {
      const { ports } = await startServers(1);
      const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
      const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
      await put(monitor.url, { name: "s", url });
      await control(ports[0]!, { paused: true });
      monitor.signal(signal);
      expect(await monitor.exited).toBe(0);
      expect(await answers(`${monitor.url}/healthz`)).toBeUndefined();
      expect(await answers(`${monitor.metricsUrl}/metrics`)).toBeUndefined();
    },
    LONG_MS,
  );
});

test(
  "SIGHUP adds and changes what the file says; a file that is wrong changes nothing",
  async () => {
    const folder = temporaryDirectory();
    const file = join(folder, "servers.yml");
    const write = (...names: string[]) =>
      writeFile(
        file,
        `servers:\n${names.map((name) => `  - {name: ${name}, url: "push:"}\n`).join("")}`,
      );
    await write("one");
    const monitor = await startMonitor([`--config=${file}`]);
    const names = async () => {
      const { servers } = (await (await fetch(`${monitor.url}/config`)).json()) as {
        servers: { name: string }[];
      };
      return servers.map(({ name }) => name);
    };
    expect(await names()).toEqual(["one"]);
    await write("two");
    monitor.signal("SIGHUP");
    await until("two to be added", async () => ((await names()).length === 2 ? true : undefined));
    await writeFile(file, "servers: 7\n");
    monitor.signal("SIGHUP");
    await until(
      "the complaint",
      () => /SIGHUP: nothing has changed: .*servers/u.exec(monitor.stderr())?.[0],
    );
    expect(await names()).toEqual(["one", "two"]);
    const other = await startMonitor([]);
    other.signal("SIGHUP");
    await until("it to go on", () => /SIGHUP: there is no --config/u.exec(other.stderr())?.[0]);
  },
  LONG_MS,
);

test(
  "SIGHUP while it starts is answered once it has started",
  async () => {
    const [port] = freePorts(1);
    const joiner = start(["monitor", "--http-bind=127.0.0.1:0", `--join=127.0.0.1:${port}`]);
    await until("it to wait", () => /joining: /u.exec(joiner.stderr())?.[0], joiner);
    joiner.signal("SIGHUP");
    await startMonitor(["--bootstrap", `--http-bind=127.0.0.1:${port}`]);
    const answer = /SIGHUP: there is no --config/u;
    await until("its answer", () => answer.exec(joiner.stderr())?.[0], joiner);
  },
  LONG_MS,
);

describe("a start that cannot work is one clear line and exit 1", () => {
  test("a port in use", async () => {
    const monitor = await startMonitor([]);
    const { host } = new URL(monitor.url);
    const { code, stderr } = await run(["monitor", `--http-bind=${host}`]);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain(`cannot listen on ${host}: the port is in use`);
  });

  test("a metrics port in use leaves nothing listening", async () => {
    const monitor = await startMonitor([]);
    const { host } = new URL(monitor.metricsUrl);
    const [port] = freePorts(1);
    const { code, stderr } = await run([
      "monitor",
      `--http-bind=127.0.0.1:${port}`,
      `--metrics-bind=${host}`,
    ]);
    expect(code).toBe(1);
    expect(stderr.trim().split("\n")).toHaveLength(1);
    expect(stderr).toContain("--metrics-bind");
    expect(await answers(`http://127.0.0.1:${port}/healthz`)).toBeUndefined();
  });

  test("a config file that is not there, or is wrong", async () => {
    const folder = temporaryDirectory();
    const file = join(folder, "servers.yml");
    const missing = await run(["monitor", "--http-bind=127.0.0.1:0", `--config=${file}`]);
    expect(missing.code).toBe(1);
    expect(missing.stderr).toContain(file);
    await writeFile(file, "servers:\n  - name: a\n    url: http://127.0.0.1/\n    intervall: 5\n");
    const wrong = await run(["monitor", "--http-bind=127.0.0.1:0", `--config=${file}`]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("servers.yml:4");
    expect(wrong.stderr).toContain("intervall");
  });
});

describe("the command line", () => {
  test("misuse is exit 2 and one line", async () => {
    for (const args of [["nonsense"], ["--http-bind=8000"], ["monitor", "--nonsense"], ["check"]]) {
      const { code, stderr, stdout } = await run(args);
      expect([code, stdout]).toEqual([2, ""]);
      expect(stderr).toMatch(/^phi: .*\n$/u);
    }
  });

  test("a variable that is empty counts as not given, but an empty allow list is refused", async () => {
    const empty = { HTTP_BIND: "", METRICS_BIND: "", CONFIG: "", IDENTIFIER: "" };
    const monitor = start(["monitor", "--http-bind=127.0.0.1:0"], { env: empty });
    await until("the monitor to listen", () => /HTTP on/u.exec(monitor.stderr())?.[0], monitor);
    const refused = await run(["monitor", "--http-bind=127.0.0.1:0"], { env: { ALLOW_NET: "" } });
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("--allow-net");
  });

  test("help and version", async () => {
    const help = await run(["help"]);
    expect(help.code).toBe(0);
    for (const command of "monitor sim check probe targets explain apply backup restore health recover".split(
      " ",
    )) {
      expect(help.stdout).toContain(command);
    }
    const version = await run(["--version"]);
    expect(version).toMatchObject({ code: 0, stderr: "" });
    expect(version.stdout).toMatch(/^\d+\.\d+\.\d+\n$/u);
  });

  test(
    "check, probe and targets do what they say",
    async () => {
      const check = await run(["check", "servers.yml"]);
      expect(check).toMatchObject({ code: 0, stdout: "servers.yml: ok, 10 targets\n" });
      const { ports } = await startServers(1);
      const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
      const probe = await run(["probe", url, "--json"]);
      expect(probe.code).toBe(0);
      expect(JSON.parse(probe.stdout)).toMatchObject({ ok: true, status: 200 });
      await control(ports[0]!, { status: 503 });
      const failed = await run(["probe", url]);
      expect(failed.code).toBe(1);
      expect(failed.stdout).toContain("503");
      await control(ports[0]!, { status: 200 });
      const monitor = await startMonitor([]);
      const api = `--api=${monitor.url}`;
      expect((await run(["targets", "add", "s", url, api])).code).toBe(0);
      const list = await run(["targets", "list", api]);
      expect(list.stdout).toContain(url);
      expect((await run(["targets", "remove", "s", api])).code).toBe(0);
      const none = await run(["targets", "list", "--json", api]);
      expect(JSON.parse(none.stdout)).toEqual([]);
      const gone = await run(["targets", "remove", "s", api]);
      expect(gone.code).toBe(1);
    },
    LONG_MS,
  );
});
