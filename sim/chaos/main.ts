/**
 * `make chaos`: runs scenarios against a cluster of its own and says what came of
 * them. Whatever ends it, what it started is removed; what a run that was killed outright left is removed
 * by the next.
 */
import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { failuresOf, isOpen } from "./conclusion.ts";
import type { ChaosCluster, ClusterSize, RunnerKind } from "./cluster.ts";
import { ContainerCluster } from "./containers.ts";
import { removeLeftContainers } from "./docker_parts.ts";
import { forgetProxies } from "./forget_proxies.ts";
import { clusterPlan, type Means, runnerFor, whyNotPossible } from "./possible.ts";
import { type PreviousRelease, previousRelease } from "./previous_release.ts";
import { ProcessCluster, removeLeftProcesses } from "./processes.ts";
import { summaryOf } from "./report/summary.ts";
import { svgReport } from "./report/svg.ts";
import { jsonReport } from "./report/json.ts";
import { formatTable, type TableEntry } from "./report/table.ts";
import { formatReport } from "./report/text.ts";
import { runScenario } from "./run_scenario.ts";
import type { Scenario } from "./scenario.ts";
import { SCENARIOS, scenarioOf } from "./scenarios/mod.ts";

const USAGE = `usage: make chaos ARGS=list
       make chaos ARGS="run [--runner docker|processes] [--monitors N] [NAME...]"

Runs scenarios (all, if none is named) against monitors and simulated servers of its
own, and judges what the monitors and the clients saw. The last thing it prints is a
table of what was done beside what was said, and of what was left out and why.

  --runner KIND   docker (default): containers on a network of their own, from the
                  image of --image, but processes for what containers cannot do;
                  processes: local ones of dist/phi
  --monitors N    so many monitors (default: 3)
  --image NAME    default: PHI_IMAGE, else phi:demo
  --previous PATH the binary that rolling-upgrade starts from (default: the release
                  before this one, built from git's history the first time)
  --out DIR       where the reports go (default: .run/chaos-reports)
  --seed N        what the clients ask depends on it (default: a new one)

exit: 0 all claims of what was run are met, or not to be known on a machine short of
      processors; 1 some are not, or a run failed; 2 misuse. The last line says how many
      were run, and which were left out.
`;

interface Plan {
  readonly scenarios: readonly Scenario[];
  readonly runner: RunnerKind;
  readonly size: ClusterSize;
  readonly image: string;
  readonly previous: () => PreviousRelease;
  readonly out: string;
  readonly seed: number;
}

const SERVER_COUNT = 4;
const BINARY = "dist/phi";

async function main(args: readonly string[]): Promise<number> {
  forgetProxies(process.env);
  const [command, ...rest] = args;
  if (command === "list" && rest.length === 0) {
    for (const { name, summary, runners } of SCENARIOS) {
      process.stdout.write(`${name.padEnd(18)} ${summary} (${runners.join(", ")})\n`);
    }
    return 0;
  }
  const plan = command === "run" ? readPlan(rest) : undefined;
  if (typeof plan !== "object") {
    process.stderr.write(plan === undefined ? USAGE : `chaos: ${plan}\n\n${USAGE}`);
    return 2;
  }
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  }
  const entries: TableEntry[] = [];
  for (const scenario of plan.scenarios) {
    if (ending.signal.aborted) return 1;
    let entry = await runOne(scenario, plan, ending.signal);
    if ("result" in entry && isOpen(entry.result)) {
      process.stderr.write(
        `chaos: ${scenario.name} left something open, as the machine was starved: once more\n`,
      );
      entry = { ...(await runOne(scenario, plan, ending.signal, "-again")), isSecondRun: true };
    }
    entries.push(entry);
  }
  const table = formatTable(entries);
  const summary = summaryOf(entries);
  // A run of some of them must not take the place of what a run of all has said.
  if (entries.length === SCENARIOS.length) {
    mkdirSync(plan.out, { recursive: true });
    await Bun.write(join(plan.out, `table-${plan.runner}.md`), `${table}\n${summary}\n`);
  }
  process.stdout.write(`\n${table}\n${summary}\n`);
  return entries.every(isGood) ? 0 : 1;
}

/** What was left out has not failed. */
function isGood(entry: TableEntry): boolean {
  if ("result" in entry) return failuresOf(entry.result).length === 0;
  return entry.isLeftOut;
}

/** Its reports go to a folder of its name, runner and `suffix`. */
async function runOne(
  scenario: Scenario,
  plan: Plan,
  signal: AbortSignal,
  suffix = "",
): Promise<TableEntry> {
  const { name, summary } = scenario;
  const runner = runnerFor(scenario, plan.runner);
  let cluster: ChaosCluster | undefined;
  try {
    const lack = whyNotPossible(scenario, { ...plan, ...plan.size, runner });
    if (lack !== undefined) {
      process.stderr.write(`chaos: ${name} is left out: it is ${lack}\n`);
      return { scenario: name, why: lack, isLeftOut: true };
    }
    process.stderr.write(`chaos: ${name} (${runner}): ${summary}\n`);
    cluster = await startCluster(scenario, { ...plan, runner }, signal);
    const result = await runScenario(scenario, cluster, { seed: plan.seed, signal });
    const folder = join(plan.out, `${name}-${runner}${suffix}`);
    mkdirSync(folder, { recursive: true });
    await Bun.write(join(folder, "report.json"), jsonReport(result));
    await Bun.write(join(folder, "report.svg"), svgReport(result));
    process.stdout.write(`${formatReport(result)}  ${folder}/report.svg, report.json\n`);
    return { scenario: name, result };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    process.stderr.write(`chaos: ${name} did not get to its end: ${why}\n`);
    return { scenario: name, why: `did not get to its end: ${firstLine(why)}`, isLeftOut: false };
  } finally {
    await cluster?.remove();
  }
}

async function startCluster(
  scenario: Scenario,
  { runner, size, image, previous }: Plan,
  signal: AbortSignal,
): Promise<ChaosCluster> {
  const plan = clusterPlan(scenario, size, previous);
  if (runner === "docker") {
    await removeLeftContainers();
    return await ContainerCluster.start(plan, image, signal);
  }
  await removeLeftProcesses();
  return await ProcessCluster.start(plan, BINARY);
}

function firstLine(text: string): string {
  return text.split("\n", 1)[0] ?? "";
}

/** A text says what is wrong with the arguments. */
function readPlan(args: readonly string[]): Plan | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: {
        runner: { type: "string", default: "docker" },
        monitors: { type: "string", default: "3" },
        image: { type: "string", default: process.env["PHI_IMAGE"] || "phi:demo" },
        previous: { type: "string" },
        out: { type: "string", default: ".run/chaos-reports" },
        seed: { type: "string", default: String(crypto.getRandomValues(new Uint32Array(1))[0]) },
      },
      allowPositionals: true,
    });
    const { runner, image, out } = values;
    if (runner !== "docker" && runner !== "processes") return `--runner: there is no "${runner}"`;
    const [monitors, seed] = [Number(values.monitors), Number(values.seed)];
    if (!Number.isSafeInteger(monitors) || monitors < 1) return "--monitors must be 1 or more";
    if (!Number.isSafeInteger(seed) || seed < 0) return "--seed must be a whole number";
    const binary = values.previous;
    if (binary !== undefined && !existsSync(binary)) return `--previous: no ${binary}`;
    const previous = () =>
      binary === undefined ? previousRelease() : { ok: true as const, binary };
    const scenarios = choose(positionals, { runner, monitors, previous });
    if (typeof scenarios === "string") return scenarios;
    const size = { monitors, servers: SERVER_COUNT };
    return { scenarios, runner, size, image, previous, out, seed };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** Those that are named, which have to be possible; or all, and what is not possible is told in its turn. */
function choose(names: readonly string[], means: Means): readonly Scenario[] | string {
  if (names.length === 0) return SCENARIOS;
  const chosen: Scenario[] = [];
  for (const name of names) {
    const scenario = scenarioOf(name);
    if (scenario === undefined)
      return `there is no "${name}"; \`make chaos ARGS=list\` shows what is`;
    const runner = runnerFor(scenario, means.runner);
    const lack = whyNotPossible(scenario, { ...means, runner });
    if (lack !== undefined) return `${name} is ${lack}`;
    chosen.push(scenario);
  }
  return chosen;
}

const exitCode = await main(process.argv.slice(2));
// What is still open (a question to a monitor that is gone) must not hold the end up.
process.exit(exitCode);
