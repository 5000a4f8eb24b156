/**
 * `make flamegraph`: what a monitor spends its time on, as a picture. It takes one monitor of the local
 * cluster that `make run` started, or of one of its own, restarts it with the means to name its JavaScript,
 * samples it, and starts it again as it was.
 */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { parseArgs } from "node:util";
import { type Static, type TSchema, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { readSettings } from "../demo/settings.ts";
import { MonitorProcess } from "./monitor_process.ts";
import { OwnCluster } from "./own_cluster.ts";
import {
  CpuProfileSampling,
  type Means,
  PerfSampling,
  type Sampling,
  whyNoPerf,
} from "./sampling.ts";
import { drawFlameGraph } from "./svg.ts";

const USAGE = "use make flamegraph [SECONDS=10] [WITH=perf|cpu-prof] [OUT=dist/flamegraph.svg]";
const READY_WITHIN_MS = 30_000;
const LOOK_EVERY_MS = 50;
/** What happens once, at the start, is not what is asked about. */
const WARM_UP_MS = 3_000;

interface Options {
  readonly seconds: number;
  /** Undefined: perf if it works. */
  readonly means: Means | undefined;
  readonly out: string;
}

/** Undefined if they make no sense. */
function readOptions(args: string[]): Options | undefined {
  const string = { type: "string" } as const;
  const known = { seconds: string, with: string, out: string };
  // An argument that is not one of them is among the positionals, or among the values as `true`.
  const { values, positionals } = parseArgs({ args, options: known, strict: false });
  const isKnown = Object.entries(values).every(([name, value]) => name in known && value !== true);
  return isKnown && positionals.length === 0 ? checkOptions(values) : undefined;
}

function checkOptions(values: Record<string, unknown>): Options | undefined {
  const { seconds = "10", with: means, out = "dist/flamegraph.svg" } = values;
  if (typeof seconds !== "string" || typeof out !== "string") return undefined;
  if (!/^\d+$/u.test(seconds) || Number(seconds) === 0) return undefined;
  if (means !== undefined && means !== "perf" && means !== "cpu-prof") return undefined;
  return { seconds: Number(seconds), means, out };
}

function say(line: string): void {
  process.stderr.write(`make flamegraph: ${line}\n`);
}

/** The means that was asked for, or that works; a line that says why there is none. */
function chooseSampling(wanted: Means | undefined, directory: string): Sampling | string {
  if (wanted === "cpu-prof") return new CpuProfileSampling(directory);
  const why = whyNoPerf();
  if (why === undefined) return new PerfSampling(directory);
  if (wanted === "perf") return why;
  say(`${why}; so it is Bun's own profiler, which sees JavaScript alone`);
  return new CpuProfileSampling(directory);
}

async function run(options: Options, runDirectory: string): Promise<number> {
  const directory = mkdtempSync(join(tmpdir(), "phi-profile-"));
  const cut = interrupted();
  const running = MonitorProcess.findAll(runDirectory);
  const own = running.length === 0 ? new OwnCluster() : undefined;
  try {
    const sampling = chooseSampling(options.means, directory);
    if (typeof sampling === "string") return fail(sampling);
    const monitor = own === undefined ? await pick(running) : await startOwn(own, cut);
    await draw(options, monitor, sampling, { own, cut });
    return 0;
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    await own?.end();
    rmSync(directory, { recursive: true, force: true });
  }
}

async function draw(
  { seconds, out }: Options,
  monitor: MonitorProcess,
  sampling: Sampling,
  { own, cut }: { readonly own: OwnCluster | undefined; readonly cut: Promise<void> },
): Promise<void> {
  say(`restarts ${monitor.id} to sample it with ${sampling.means} for ${seconds} s`);
  await monitor.end();
  monitor.start(sampling.environment);
  const { pid } = monitor;
  let logPath = "";
  try {
    await ready(monitor);
    void own?.work(monitor.url);
    await Promise.race([Bun.sleep(WARM_UP_MS), cut]);
    await sampling.sample(pid, seconds, cut);
  } finally {
    await monitor.end();
    if (own === undefined) logPath = monitor.start();
  }
  const tree = await sampling.stacks(pid);
  const what =
    own === undefined
      ? "of the cluster that runs"
      : "of a cluster with some writes, reads and scrapes";
  const svg = drawFlameGraph(tree.root(), {
    title: `phi: ${monitor.id} ${what}`,
    subtitle: `${tree.samples} samples in ${seconds} s by ${sampling.means}: a frame's width is its share of them; hover for names`,
  });
  mkdirSync(dirname(out), { recursive: true });
  await Bun.write(out, svg);
  await Bun.write(out.replace(/(?:\.svg)?$/u, ".folded"), tree.folded());
  if (logPath !== "") say(`${monitor.id} runs again as before; its log goes to ${logPath}`);
  process.stdout.write(`${out}: ${tree.samples} samples (docs/profiling.md says how to read it)\n`);
}

/** Resolves when somebody is tired of waiting: what there is by then is drawn. */
function interrupted(): Promise<void> {
  return new Promise((resolve) => {
    process.on("SIGINT", () => resolve());
    process.on("SIGTERM", () => resolve());
  });
}

/** A follower, so that no other has to lead instead. */
async function pick(monitors: readonly MonitorProcess[]): Promise<MonitorProcess> {
  for (const monitor of monitors) {
    const cluster = await ask(`${monitor.url}/cluster`, ClusterSchema);
    if (cluster?.role === "follower") return monitor;
  }
  return monitors[0]!;
}

async function startOwn(own: OwnCluster, cut: Promise<void>): Promise<MonitorProcess> {
  say("no local cluster runs, so it starts one of its own, on other ports");
  const interruption = cut.then(() => {
    throw new Error("interrupted before there was anything to sample");
  });
  const started = waitFor("its own cluster", async () => {
    const found = MonitorProcess.findAll(own.runDirectory);
    const picked = found.length === 0 ? undefined : await pick(found);
    const cluster = picked && (await ask(`${picked.url}/cluster`, ClusterSchema));
    if (cluster?.role !== "follower" || cluster.members.length < found.length) return undefined;
    return cluster.members.every(({ role }) => role === "voter") ? picked : undefined;
  });
  return await Promise.race([started, interruption]);
}

async function ready(monitor: MonitorProcess): Promise<void> {
  await waitFor(`${monitor.id} to watch again`, () =>
    ask(`${monitor.url}/readyz`, Type.Object({})),
  );
}

async function waitFor<Found>(
  what: string,
  look: () => Promise<Found | undefined>,
): Promise<Found> {
  for (const endMs = performance.now() + READY_WITHIN_MS; performance.now() < endMs;) {
    const found = await look();
    if (found !== undefined) return found;
    await Bun.sleep(LOOK_EVERY_MS);
  }
  throw new Error(`waited in vain for ${what}`);
}

/** What is read of `GET /cluster`. */
const ClusterSchema = Type.Object({
  role: Type.String(),
  members: Type.Array(Type.Object({ role: Type.String() })),
});

/** Undefined where there is no such answer. */
async function ask<Schema extends TSchema>(
  url: string,
  schema: Schema,
): Promise<Static<Schema> | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    const value: unknown = JSON.parse(await response.text());
    return response.ok && Value.Check(schema, value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function fail(why: string): number {
  say(why);
  return 1;
}

const options = readOptions(process.argv.slice(2));
const settings = readSettings(process.env);
if (options === undefined) process.exit(fail(USAGE));
if (typeof settings === "string") process.exit(fail(settings));
process.exit(await run(options, settings.runDirectory));
