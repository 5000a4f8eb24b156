/** Every scenario against real containers; and that nothing is left of a run, however it ends. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { failuresOf, isOpen } from "../../sim/chaos/conclusion.ts";
import { ContainerCluster } from "../../sim/chaos/containers.ts";
import { removeLeftContainers } from "../../sim/chaos/docker_parts.ts";
import { formatReport } from "../../sim/chaos/report/text.ts";
import { runScenario } from "../../sim/chaos/run_scenario.ts";
import { TESTED_SIZE, planOf, testedScenarios } from "../../sim/chaos/tested_scenarios.ts";
import { until } from "../kit/binary.ts";
import { buildImage, done, IMAGE } from "./_daemon.ts";

const LONG_MS = 240_000;
/** Until a run has started all that it needs: more than a dozen things of a daemon that may be busy. */
const START_MS = 120_000;
const signal = new AbortController().signal;

beforeAll(buildImage, LONG_MS);
afterAll(removeLeftContainers, LONG_MS);

describe("against containers", () => {
  for (const scenario of testedScenarios("docker")) {
    test(
      `${scenario.name}: ${scenario.summary}`,
      async () => {
        const cluster = await ContainerCluster.start(planOf(scenario), IMAGE, signal);
        try {
          const result = await runScenario(scenario, cluster, { seed: 1, signal });
          const failures = failuresOf(result);
          // What was left open is said, too.
          if (failures.length > 0 || isOpen(result)) console.error(formatReport(result));
          expect(failures).toEqual([]);
        } finally {
          await cluster.remove();
        }
      },
      LONG_MS,
    );
  }
});

/** What there is of the run of that process. */
async function leftOf(pid: number): Promise<string[]> {
  const name = `name=phi-chaos-${pid}-`;
  const containers = await done(["docker", "ps", "--all", "--quiet", "--filter", name]);
  const networks = await done(["docker", "network", "ls", "--quiet", "--filter", name]);
  const volumes = await done(["docker", "volume", "ls", "--quiet", "--filter", name]);
  return `${containers}\n${networks}\n${volumes}`.split("\n").filter((id) => id !== "");
}

const runners: Bun.Subprocess[] = [];

async function startRun(): Promise<Bun.Subprocess> {
  const command = ["bun", "sim/chaos/main.ts", "run", `--image=${IMAGE}`, "disk-full"];
  const runner = Bun.spawn(command, { stdout: "ignore", stderr: "ignore" });
  runners.push(runner);
  // Beside the parts: a disk for each monitor, who keeps it mounted, and the network.
  const count = 3 * TESTED_SIZE.monitors + TESTED_SIZE.servers + 1;
  await until(
    "the run to have started all of it",
    async () => ((await leftOf(runner.pid)).length === count ? true : undefined),
    undefined,
    START_MS,
  );
  return runner;
}

describe("bun run chaos", () => {
  /** A test that fails halfway leaves a run behind, which would go on beside the next test. */
  afterEach(async () => {
    for (const runner of runners.splice(0)) {
      runner.kill("SIGKILL");
      await runner.exited;
    }
    await removeLeftContainers();
  }, LONG_MS);

  test(
    "removes all that it started on Ctrl-C, and fails",
    async () => {
      const runner = await startRun();
      runner.kill("SIGINT");
      expect(await runner.exited).toBe(1);
      expect(await leftOf(runner.pid)).toEqual([]);
    },
    LONG_MS,
  );

  test(
    "the next run removes what one that was killed outright left behind, and nobody else's",
    async () => {
      const [dead, alive] = [await startRun(), await startRun()];
      dead.kill("SIGKILL");
      await dead.exited;
      expect(await leftOf(dead.pid)).not.toEqual([]);
      await removeLeftContainers();
      expect(await leftOf(dead.pid)).toEqual([]);
      expect(await leftOf(alive.pid)).not.toEqual([]);
      alive.kill("SIGINT");
      await alive.exited;
      expect(await leftOf(alive.pid)).toEqual([]);
    },
    // Two runs, one after the other.
    2 * LONG_MS,
  );
});
