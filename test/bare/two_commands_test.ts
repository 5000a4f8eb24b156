/**
 * The README's two commands from a fresh clone, where there are only git, make, Node and npm. What they need is fetched
 * by `make build`; from then on there is no network but the loopback. It says how long each took, and which tests
 * were skipped for what.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { start, stopAll, until } from "../kit/binary.ts";
import { describeWalkThrough } from "../kit/walkthrough.ts";
import { BareDebian, done } from "./_bare_debian.ts";
import { formatSkips, skipsOf } from "./_skips.ts";

const MINUTE_MS = 60_000;
/** Of `make test-bare TEST=path`. */
const TEST = process.env["TEST"] ?? "";

let bare: BareDebian;

async function timed(what: string, work: () => Promise<unknown>): Promise<void> {
  const startMs = performance.now();
  await work();
  console.log(`bare: ${what}: ${((performance.now() - startMs) / 1_000).toFixed(1)} s`);
}

beforeAll(async () => {
  await timed("a Debian with git, make, Node and npm", async () => {
    bare = await BareDebian.make();
  });
  await timed("git clone", () => bare.clone());
  await timed("make build, bun and packages fetched", () =>
    done([...bare.inside(true), "make", "build"]),
  );
}, 20 * MINUTE_MS);

afterAll(async () => {
  await stopAll();
  await bare?.remove();
}, 10 * MINUTE_MS);

const row = (first: number, count: number) =>
  Array.from({ length: count }, (_, place) => first + place);
const [simPorts, httpPorts, metricsPorts] = [row(8081, 10), row(8000, 3), row(9000, 3)];

// There is no curl: it is this machine's, in the network of the other.
describeWalkThrough({
  simPorts,
  httpPorts,
  metricsPorts,
  ports: [...simPorts, ...httpPorts, ...metricsPorts],
  environment: {},
  under: (line) => (line.startsWith("curl ") ? bare.onlyNetwork : bare.inside()),
});

describe("make run", () => {
  test("says why there are processes and no containers, and Ctrl-C leaves nothing", async () => {
    expect(bare.processCount()).toBe(0);
    // In a process group of its own, as a terminal would have it.
    const demo = start(["run"], { command: ["setsid", ...bare.inside(), "make"] });
    await timed("make run, until all of it answers", () =>
      until("the demo", () => demo.stdout().includes("log follows") || undefined, demo),
    );
    expect(demo.stdout()).toContain(
      "as processes of this machine, because there is no docker command\n",
    );
    // make, the demo, the servers and three monitors at least.
    expect(bare.processCount()).toBeGreaterThanOrEqual(6);
    process.kill(-demo.pid, "SIGINT");
    await until("all of it to end", () => bare.processCount() === 0 || undefined);
    await demo.exited;
    expect(await done([...bare.inside(), "ls", ".run"])).toBe("phi-sim");
  });
});

describe("make test", () => {
  test(
    "passes, and says of each test that it skips what is not there",
    async () => {
      let output = "";
      await timed("make test", async () => {
        const command = [...bare.inside(), "sh", "-c", `exec make test TEST="${TEST}" 2>&1`];
        const tests = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
        const decoder = new TextDecoder();
        for await (const chunk of tests.stdout) {
          const text = decoder.decode(chunk, { stream: true });
          process.stdout.write(text);
          output += text;
        }
        expect(await tests.exited).toBe(0);
      });
      const skips = skipsOf(output);
      console.log(formatSkips(skips));
      expect(output).toMatch(/^ *\d+ pass$/mu);
      expect(skips.filter(({ reasons }) => reasons.length === 0)).toEqual([]);
    },
    90 * MINUTE_MS,
  );
});
