/** `make flamegraph` on real processes: its pictures name phi's own functions. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Glob } from "bun";
import { freePorts } from "../../sim/free_ports.ts";
import { answers, PROJECT, run, start, stopAll, temporaryDirectory, until } from "../kit/binary.ts";

const LONG_MS = 120_000;
/** Not built again: these tests are about the binary that is there. */
const MAKE = ["make", "--no-print-directory", "-o", "dist/phi", "-o", "node_modules/.installed"];

/** What `make flamegraph` runs. */
const FLAMEGRAPH = [process.execPath, "sim/flamegraph/main.ts"];

/** Private methods have names that nothing but phi's own source has. */
async function ownMethods(): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  for await (const path of new Glob("src/**/*.ts").scan(PROJECT)) {
    const source = await Bun.file(join(PROJECT, path)).text();
    for (const [, name] of source.matchAll(/^ {2}(?:async )?(#\w+)\(/gmu)) names.add(name!);
  }
  return names;
}

/** What the frames of a picture are called, without their places and shares. */
function namesIn(svg: string): ReadonlySet<string> {
  const titles = svg.matchAll(/<title>(.*?)(?: \([^()]*:\d+\))?: \d+ samples, [\d.]+ %<\/title>/gu);
  return new Set(Array.from(titles, ([, name]) => name!));
}

async function expectOwnFrames(svg: string): Promise<void> {
  const names = namesIn(svg);
  const own = await ownMethods();
  expect(own.size).toBeGreaterThan(100);
  // Of a monitor that takes part in a cluster, probes and answers.
  const seen = [...names].filter((name) => own.has(name));
  expect(seen.length).toBeGreaterThan(5);
}

interface Demo {
  readonly environment: Record<string, string>;
  readonly httpPorts: readonly number[];
  readonly directory: string;
}

/** Nothing runs there, whatever runs elsewhere. */
function planDemo(): Demo {
  const ports = freePorts(19);
  const take = (count: number) => ports.splice(0, count);
  const [simPorts, httpPorts] = [take(10), take(3)];
  const directory = temporaryDirectory();
  const environment = {
    PHI_DEMO_SIM_PORTS: simPorts.join(","),
    PHI_DEMO_HTTP_PORTS: httpPorts.join(","),
    PHI_DEMO_METRICS_PORTS: take(3).join(","),
    PHI_DEMO_RAFT_PORTS: take(3).join(","),
    PHI_DEMO_RUN_DIRECTORY: directory,
  };
  planned.push(environment);
  return { environment, httpPorts, directory };
}

const planned: Record<string, string>[] = [];

function flamegraph({ environment }: Demo, ...args: readonly string[]) {
  return run(args, { command: FLAMEGRAPH, env: environment });
}

afterEach(async () => {
  // A test that failed may have left some of its demo behind.
  for (const env of planned.splice(0)) await run(["docker-compose-down"], { command: MAKE, env });
  await stopAll();
});

describe("make flamegraph", () => {
  test(
    "draws a cluster of its own by the best means that works here, with phi's functions by name",
    async () => {
      const demo = planDemo();
      const out = join(demo.directory, "own.svg");
      const { code, stdout, stderr } = await flamegraph(demo, "--seconds=5", `--out=${out}`);
      expect([code, stderr]).toEqual([0, expect.stringContaining("it starts one of its own")]);
      expect(stdout).toStartWith(`${out}: `);
      await expectOwnFrames(await Bun.file(out).text());
      const folded = await Bun.file(join(demo.directory, "own.folded")).text();
      expect(folded).toMatch(/^phi;.+;.+ \d+$/mu);
    },
    LONG_MS,
  );

  test(
    "samples a monitor of the demo that runs with Bun's own profiler, and it runs as before then",
    async () => {
      const demo = planDemo();
      const running = start(["run"], { command: MAKE, env: demo.environment });
      const isUp = () => (running.stdout().includes("Ctrl-C") ? true : undefined);
      await until("make run to say what to try", isUp, running);
      const out = join(demo.directory, "demo.svg");
      const made = await flamegraph(demo, "--seconds=3", "--with=cpu-prof", `--out=${out}`);
      expect([made.code, made.stderr]).toEqual([
        0,
        expect.stringContaining("runs again as before"),
      ]);
      const svg = await Bun.file(out).text();
      await expectOwnFrames(svg);
      expect(svg).toMatch(/\(src\/[\w/]+\.ts:\d+\): \d+ samples/u);
      for (const port of demo.httpPorts) {
        const url = `http://127.0.0.1:${port}/readyz`;
        await until(`the monitor on ${port} to watch`, () => answers(url), running);
      }
      const down = await run(["docker-compose-down"], { command: MAKE, env: demo.environment });
      expect(down.stdout).toBe("stopped 5 processes\n");
      for (const port of demo.httpPorts) {
        expect(await answers(`http://127.0.0.1:${port}/healthz`)).toBeUndefined();
      }
    },
    LONG_MS,
  );

  test("a means that there is not is one line and a failure, before anything starts", async () => {
    const demo = planDemo();
    const { code, stdout, stderr } = await flamegraph(demo, "--with=guesses");
    expect(code).not.toBe(0);
    expect(stdout).toBe("");
    expect(stderr.split("\n")[0]).toBe(
      "make flamegraph: use make flamegraph [SECONDS=10] [WITH=perf|cpu-prof] [OUT=dist/flamegraph.svg]",
    );
    expect(existsSync(join(demo.directory, "phi-sim"))).toBe(false);
  });
});
