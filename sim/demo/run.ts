/**
 * `make run`: ten simulated servers and three monitors, in containers where Docker works and else as
 * processes of the compiled binary, in the foreground. The ports are looked at before anything starts, and
 * once more when the image is built. Ctrl-C, a signal, the end of the servers or of the last monitor ends
 * all of it; a single monitor may be killed, to see the others go on.
 */
import type { Demo } from "./demo.ts";
import { DemoContainers } from "./demo_containers.ts";
import { DemoProcesses } from "./demo_processes.ts";
import { describeDemo } from "./describe.ts";
import { findDocker } from "./docker.ts";
import { choosePlace } from "./place.ts";
import { isRunning } from "./process_identity.ts";
import { readRecords } from "./run_record.ts";
import {
  type DemoSettings,
  HOST,
  type NeededPort,
  neededPorts,
  ownSetting,
  publicPorts,
  readSettings,
} from "./settings.ts";
import { STOP, stopRequested } from "./stop_requested.ts";

const READY_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;
/** A Ctrl-C reaches the parts too: the end of one is only news if no signal comes with it. */
const SIGNAL_MAY_BE_LATE_MS = 300;

async function runDemo(isLocal: boolean): Promise<number> {
  const settings = readSettings(process.env);
  if (typeof settings === "string") return refuse(settings);
  const stopAsked = stopRequested();
  const findObstacle = () => whatIsTaken(publicPorts(settings), settings);
  const taken = await findObstacle();
  if (taken !== undefined) return refuse(taken);
  const { env: environment } = process;
  const place = await choosePlace({ isLocal, environment, stopAsked, tell, findObstacle });
  if (place.kind === "refused") return refuse(place.why);
  if (place.kind === "stopped") return place.trouble === undefined ? 0 : refuse(place.trouble);
  if (place.kind === "containers") {
    tell(`in containers (${place.why})`);
    return await watchOver(new DemoContainers(place.docker), settings, stopAsked);
  }
  tell(`as processes of this machine, because ${place.why}`);
  const takenToo = await whatIsTaken(neededPorts(settings), settings);
  if (takenToo !== undefined) return refuse(takenToo);
  return await watchOver(DemoProcesses.start(settings), settings, stopAsked);
}

async function watchOver(
  demo: Demo,
  settings: DemoSettings,
  stopAsked: Promise<typeof STOP>,
): Promise<number> {
  const downfall = demo.downfall.then(async (what) => {
    await Bun.sleep(SIGNAL_MAY_BE_LATE_MS);
    return what;
  });
  const trouble = Promise.race([stopAsked, downfall]);
  let reason = await Promise.race([becomeReady(settings), trouble]);
  if (reason === undefined) process.stdout.write(describeDemo(settings, demo.killCommands));
  demo.showLog();
  reason ??= await trouble;
  const left = await demo.end();
  if (left !== undefined) return refuse(reason === STOP ? left : `${reason}; ${left}`);
  if (reason === STOP) return 0;
  return refuse(`${reason}, so the rest was stopped`);
}

function tell(what: string): void {
  process.stdout.write(`make run: ${what}\n`);
}

function refuse(why: string): number {
  process.stderr.write(`make run: ${why}\n`);
  return 1;
}

function isTaken({ port }: NeededPort): boolean {
  try {
    Bun.listen({ hostname: HOST, port, socket: { data: () => {} } }).stop(true);
    return false;
  } catch {
    return true;
  }
}

/** The first port that is, and what to do about it; undefined if all are free. */
async function whatIsTaken(
  ports: readonly NeededPort[],
  { runDirectory }: DemoSettings,
): Promise<string | undefined> {
  const taken = ports.find(isTaken);
  if (taken === undefined) return undefined;
  const isOurs =
    readRecords(runDirectory).some(({ record }) =>
      [record.runner, ...record.children].some(isRunning),
    ) || (await isInContainers());
  const remedy = isOurs
    ? "a demo runs already; `make docker-compose-down` stops it"
    : `stop what listens there, or set ${taken.variable} to another`;
  return `port ${taken.port} of ${HOST} is in use: ${remedy}`;
}

/** Also where this one is to be processes. */
async function isInContainers(): Promise<boolean> {
  // To a demo of its own `make docker-compose-down` is no remedy: there it lets containers be.
  if (ownSetting(process.env) !== undefined) return false;
  const found = await findDocker();
  return found.ok && (await found.docker.isUp());
}

/** Undefined once every monitor watches and every server answers, else what is missing. */
async function becomeReady(settings: DemoSettings): Promise<string | undefined> {
  const urls = [
    ...settings.simPorts.map((port) => `http://${HOST}:${port}/control`),
    ...settings.httpPorts.map((port) => `http://${HOST}:${port}/readyz`),
  ];
  const deadlineMs = performance.now() + READY_WITHIN_MS;
  for (const url of urls) {
    // One after the other, all of them within the deadline.
    while (!(await answersOk(url))) {
      if (performance.now() > deadlineMs) return `${url} did not answer`;
      await Bun.sleep(LOOK_EVERY_MS);
    }
  }
  return undefined;
}

async function answersOk(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(1_000) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

// What is still open (a question to a server that is gone) must not hold the end up.
process.exit(await runDemo(process.argv.includes("--local")));
