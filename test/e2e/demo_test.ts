/** `make run` and what goes with it, on free ports, beside a demo that may be up. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readRecords, type StoredRecord } from "../../sim/demo/run_record.ts";
import { freePorts } from "../../sim/free_ports.ts";
import { answers, control, run, start, stopAll, until, type Running } from "../kit/binary.ts";

/** Fifteen processes and several makes, on a machine that may be busy. */
const START_MS = 90_000;
const READY_MS = 40_000;
/** Not built again: these tests are about the binary that is there. */
const MAKE = ["make", "--no-print-directory", "-o", "dist/phi", "-o", "node_modules/.installed"];

interface Demo {
  readonly env: Record<string, string>;
  readonly simPorts: readonly number[];
  readonly httpPorts: readonly number[];
  readonly metricsPorts: readonly number[];
  readonly ports: readonly number[];
  readonly directory: string;
}

function planDemo(): Demo {
  const ports = freePorts(19);
  const simPorts = ports.slice(9);
  const [httpPorts, metricsPorts, raftPorts] = [0, 3, 6].map((at) => ports.slice(at, at + 3));
  const directory = mkdtempSync(join(tmpdir(), "phi-demo-"));
  const env = {
    PHI_DEMO_SIM_PORTS: simPorts.join(","),
    PHI_DEMO_HTTP_PORTS: httpPorts!.join(","),
    PHI_DEMO_METRICS_PORTS: metricsPorts!.join(","),
    PHI_DEMO_RAFT_PORTS: raftPorts!.join(","),
    PHI_DEMO_RUN_DIRECTORY: directory,
  };
  const demo = {
    env,
    simPorts,
    httpPorts: httpPorts!,
    metricsPorts: metricsPorts!,
    ports,
    directory,
  };
  planned.push(demo);
  return demo;
}

function make(demo: Demo, ...args: readonly string[]) {
  return run(args, { command: MAKE, env: demo.env });
}

/** In a process group of its own, as a terminal would have it. */
async function startDemo(demo: Demo): Promise<Running> {
  const running = start(["run"], { command: ["setsid", ...MAKE], env: demo.env });
  await until(
    "the demo to be ready",
    () => running.stdout().includes("log follows") || undefined,
    running,
    READY_MS,
  );
  return running;
}

async function expectNothingLeft({ ports, directory }: Demo) {
  for (const port of ports) {
    expect(await answers(`http://127.0.0.1:${port}/metrics`)).toBeUndefined();
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => {} } }).stop(true);
  }
  expect(readdirSync(directory).filter((name) => name !== "phi-sim")).toEqual([]);
}

/** What the run wrote down for `make docker-compose-down`. */
function recordOf({ directory }: Demo): StoredRecord {
  return readRecords(directory)[0]!;
}

const planned: Demo[] = [];

/** A test that fails halfway leaves a demo behind, which outlives the make that started it. */
afterEach(async () => {
  await stopAll();
  const demos = planned.splice(0);
  await Promise.all(demos.map((demo) => make(demo, "docker-compose-down")));
  for (const { directory } of demos) rmSync(directory, { recursive: true, force: true });
});

describe("make run", () => {
  test(
    "shows ten targets, a delay makes one rise, and Ctrl-C ends all of it",
    async () => {
      const demo = planDemo();
      const running = await startDemo(demo);
      const metrics = await (
        await fetch(`http://127.0.0.1:${demo.metricsPorts[0]}/metrics`)
      ).text();
      expect(metrics.match(/^phi_suspicion\{/gmu)?.length).toBe(10);
      expect(metrics.match(/^server_phivalue\{/gmu)?.length).toBe(10);
      expect(running.stdout()).toContain(`http://localhost:${demo.httpPorts[0]}`);
      const quiet = await make(demo, "get_metrics");
      expect(quiet.code).toBe(0);
      expect(quiet.stdout).toContain(`# monitor 127.0.0.1:${demo.metricsPorts[0]}\n`);
      expect(quiet.stdout).toContain('\nphi_suspicion{target="server1"} ');
      expect(quiet.stdout).toContain('\nserver_phivalue{server_name="server1"} ');
      expect(quiet.stdout).not.toContain("server2");
      expect(quiet.stdout).toEndWith("# suspected now: none\n");

      await control(demo.simPorts[5]!, { delay: 10 });
      const suspicious = await until("test4 and server6 to be down", async () => {
        const { stdout } = await make(demo, "get_metrics", "SERVER=test4");
        return /suspected now: server6 \(down.*test4 \(down/u.test(stdout) ? stdout : undefined;
      });
      expect(suspicious).toContain('phi_target_state{target="test4",state="down"} 1\n');
      expect(running.stderr()).toMatch(/test4: .*-> down/u);

      process.kill(-running.pid, "SIGINT");
      await running.exited;
      await expectNothingLeft(demo);
    },
    START_MS,
  );

  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "%s to make alone ends all of it",
    async (signal) => {
      const demo = planDemo();
      const running = await startDemo(demo);
      running.signal(signal);
      await running.exited;
      // A make that was told to end does not wait for its children in every case.
      await until("the demo's end", () => readdirSync(demo.directory).length === 1 || undefined);
      await expectNothingLeft(demo);
    },
    START_MS,
  );

  test(
    "the death of a part ends the rest, and is a failure",
    async () => {
      const demo = planDemo();
      const running = await startDemo(demo);
      process.kill(recordOf(demo).record.children[0]!.pid, "SIGKILL");
      expect(await running.exited).not.toBe(0);
      await running.drained;
      expect(running.stderr()).toContain("make run: phi-sim has ended, so the rest was stopped\n");
      await expectNothingLeft(demo);
    },
    START_MS,
  );

  test("a port in use is one line that names it, before anything starts", async () => {
    const demo = planDemo();
    const [taken] = [demo.simPorts[9]!];
    const squatter = Bun.listen({ hostname: "127.0.0.1", port: taken, socket: { data: () => {} } });
    const { code, stdout, stderr } = await make(demo, "run");
    squatter.stop(true);
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr.split("\n")[0]).toBe(
      `make run: port ${taken} of 127.0.0.1 is in use: stop what listens there, or set PHI_DEMO_SIM_PORTS to another`,
    );
    await expectNothingLeft(demo);
  });
});

describe("make docker-compose-down", () => {
  test(
    "stops what make run started, and is content when nothing runs",
    async () => {
      const demo = planDemo();
      const running = await startDemo(demo);
      const second = await make(demo, "run");
      expect(second.stderr).toContain("a demo runs already; `make docker-compose-down` stops it\n");
      const down = await make(demo, "docker-compose-down");
      expect([down.code, down.stdout]).toEqual([0, "stopped 5 processes\n"]);
      await running.exited;
      await expectNothingLeft(demo);
      const again = await make(demo, "docker-compose-down");
      expect([again.code, again.stdout, again.stderr]).toEqual([0, "nothing runs\n", ""]);
    },
    START_MS,
  );

  test(
    "finds the parts of a run that was killed outright, and no process that took over a number",
    async () => {
      const demo = planDemo();
      const running = await startDemo(demo);
      const bystander = Bun.spawn(["sleep", "60"]);
      const { path, record } = recordOf(demo);
      process.kill(record.runner.pid, "SIGKILL");
      await running.exited;
      const runner = { ...record.runner, pid: bystander.pid };
      await Bun.write(path, JSON.stringify({ ...record, runner }));
      const down = await make(demo, "docker-compose-down");
      expect(down.stdout).toBe("stopped 4 processes\n");
      expect(bystander.exitCode).toBeNull();
      bystander.kill();
      await expectNothingLeft(demo);
    },
    START_MS,
  );
});

describe("make get_metrics", () => {
  test("no monitor up is one line and a failure", async () => {
    const demo = planDemo();
    const { code, stdout, stderr } = await make(demo, "get_metrics");
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr.split("\n")[0]).toBe(
      `make get_metrics: no monitor answers on 127.0.0.1:${demo.metricsPorts.join(", ")}; \`make run\` starts three`,
    );
  });

  test(
    "an unknown SERVER is said to be, and a part of a name is one",
    async () => {
      const demo = planDemo();
      await startDemo(demo);
      const { code, stderr } = await make(demo, "get_metrics", "SERVER=server");
      expect(code).not.toBe(0);
      expect(stderr).toContain('no target is called "server"; there are server1, server2, ');
      await make(demo, "docker-compose-down");
    },
    START_MS,
  );
});

describe("make", () => {
  test("alone lists every target with a line each", async () => {
    const { code, stdout } = await run([], { command: MAKE });
    expect(code).toBe(0);
    const makefile = await Bun.file(new URL("../../Makefile", import.meta.url)).text();
    const phony = /^\.PHONY: (?<targets>(?:.*\\\n)*.*)$/mu.exec(makefile)!.groups!["targets"]!;
    const targets = phony.split(/[\s\\]+/u).filter((target) => target !== "");
    expect(targets.length).toBeGreaterThan(10);
    const listed = stdout.trim().split("\n");
    expect(
      listed.map((line) => /^make (?<target>\S+) +\S/u.exec(line)?.groups?.["target"]),
    ).toEqual(targets);
  });
});
