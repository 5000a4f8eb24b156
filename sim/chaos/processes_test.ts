/**
 * The scenarios that need no containers, against local processes of the compiled binary; and that nothing
 * is left of a run, however it ends.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { isRunning, type ProcessIdentity } from "../demo/process_identity.ts";
import { dataDirectoryOf, readRecords, type RunRecord } from "../demo/run_record.ts";
import { failuresOf, isOpen } from "./conclusion.ts";
import { ProcessCluster, removeLeftProcesses } from "./processes.ts";
import { formatReport } from "./report/text.ts";
import { runScenario } from "./run_scenario.ts";
import { whyNoMounts } from "./small_disk.ts";
import { SCENARIOS } from "./scenarios/mod.ts";
import { TESTED_SIZE, planOf, testedScenarios } from "./tested_scenarios.ts";

const LONG_MS = 240_000;
const signal = new AbortController().signal;

describe("against local processes", () => {
  for (const scenario of testedScenarios("processes")) {
    test(
      `${scenario.name}: ${scenario.summary}`,
      async () => {
        const cluster = await ProcessCluster.start(planOf(scenario), "dist/phi");
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

const spawned: Bun.Subprocess[] = [];

afterEach(async () => {
  for (const child of spawned.splice(0)) {
    child.kill("SIGKILL");
    await child.exited;
  }
  await removeLeftProcesses();
});

/** A run of its own, once all of its parts are written down. */
async function startRun(): Promise<{
  readonly runner: Bun.Subprocess;
  readonly children: readonly ProcessIdentity[];
}> {
  const command = ["bun", "sim/chaos/main.ts", "run", "--runner=processes", "--monitors=1"];
  const runner = Bun.spawn([...command, "server-kill"], { stdout: "ignore", stderr: "ignore" });
  spawned.push(runner);
  const deadlineMs = performance.now() + 20_000;
  while (performance.now() < deadlineMs) {
    const children = recordOf(runner.pid)?.children ?? [];
    if (children.length === TESTED_SIZE.servers + 1) return { runner, children };
    await Bun.sleep(20);
  }
  throw new Error("the run started nothing");
}

function recordOf(pid: number): RunRecord | undefined {
  return readRecords(".run/chaos").find(({ record }) => record.runner.pid === pid)?.record;
}

/** The numbers of this process's children. */
function childrenOfThis(): string[] {
  return readdirSync("/proc/self/task").flatMap((task) => {
    try {
      const children = readFileSync(`/proc/self/task/${task}/children`, "utf8");
      return children.split(" ").filter(Boolean);
    } catch {
      // The thread has ended since it was listed.
      return [];
    }
  });
}

const chaos = (...args: string[]) => Bun.spawnSync(["bun", "sim/chaos/main.ts", ...args]);

describe("ProcessCluster.start()", () => {
  test("leaves nothing behind where one of the parts cannot be started", async () => {
    // The servers are started, and the first monitor is no program.
    const setting = { startsAsPrevious: true };
    const plan = { ...TESTED_SIZE, setting, previous: "README.md" };
    const before = childrenOfThis();
    const started = await ProcessCluster.start(plan, "dist/phi").catch(String);
    expect(started).toContain("README.md");
    expect(childrenOfThis().filter((child) => !before.includes(child))).toEqual([]);
    expect(recordOf(process.pid)).toBeUndefined();
    expect(existsSync(dataDirectoryOf(".run/chaos", process.pid))).toBe(false);
  });

  const reason = whyNoMounts();
  const isSkipped = reason !== undefined && process.env["CI"] !== "true";

  test.skipIf(isSkipped)(
    `nor the disks mounted by then${isSkipped ? ` (${reason})` : ""}`,
    async () => {
      // No server can be started.
      const before = childrenOfThis();
      const plan = { ...TESTED_SIZE, setting: { hasSmallDisks: true } };
      const started = await ProcessCluster.start(plan, "README.md").catch(String);
      expect(started).toContain("README.md");
      expect(childrenOfThis().filter((child) => !before.includes(child))).toEqual([]);
      expect(recordOf(process.pid)).toBeUndefined();
    },
  );

  test("says how to make the binary where there is none", async () => {
    const plan = { ...TESTED_SIZE, setting: {} };
    const started = await ProcessCluster.start(plan, "dist/nothing").catch(String);
    expect(started).toBe("Error: there is no dist/nothing: `make build` makes it");
    expect(recordOf(process.pid)).toBeUndefined();
  });
});

describe("bun run chaos", () => {
  test("ends all that it started on Ctrl-C, and fails", async () => {
    const { runner, children } = await startRun();
    runner.kill("SIGINT");
    expect(await runner.exited).toBe(1);
    expect(children.filter(isRunning)).toEqual([]);
    expect(recordOf(runner.pid)).toBeUndefined();
  });

  test("the next run ends what one that was killed outright left behind", async () => {
    const { runner, children } = await startRun();
    runner.kill("SIGKILL");
    await runner.exited;
    expect(children.filter(isRunning)).toHaveLength(children.length);
    await removeLeftProcesses();
    expect(children.filter(isRunning)).toEqual([]);
    expect(recordOf(runner.pid)).toBeUndefined();
    expect(existsSync(dataDirectoryOf(".run/chaos", runner.pid))).toBe(false);
  });

  test("lists every scenario, and refuses what is not one", async () => {
    const list = chaos("list");
    const names = String(list.stdout)
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[0]!);
    expect([list.exitCode, names]).toEqual([0, SCENARIOS.map(({ name }) => name)]);
    for (const args of [["run", "nothing"], ["run", "--runner=ships"], ["walk"], []]) {
      expect({ args, code: chaos(...args).exitCode }).toEqual({ args, code: 2 });
    }
    const partition = chaos("run", "--runner=processes", "monitor-partition");
    expect([partition.exitCode, String(partition.stderr).split("\n")[0]]).toEqual([
      2,
      "chaos: monitor-partition is not possible with 3 monitors as processes",
    ]);
  });
});
