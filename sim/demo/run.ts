/**
 * `make run`: ten simulated servers and three monitors, as processes of the compiled binary, in the
 * foreground. All ports are looked at before anything starts. Ctrl-C, a signal, the end of the servers or of
 * the last monitor ends all of it; a single monitor may be killed, to see the others go on.
 */
import { describeDemo } from "./describe.ts";
import { DemoProcesses } from "./demo_processes.ts";
import { watchParentMake } from "./parent_make.ts";
import { isRunning } from "./process_identity.ts";
import { readRecords } from "./run_record.ts";
import { signalsOf, STOP_SIGNALS } from "./signal_mask.ts";
import { type DemoSettings, HOST, neededPorts, readSettings } from "./settings.ts";

const READY_WITHIN_MS = 20_000;
const LOOK_EVERY_MS = 50;
/** A Ctrl-C reaches the parts too: the end of one is only news if no signal comes with it. */
const SIGNAL_MAY_BE_LATE_MS = 300;

async function runDemo(): Promise<number> {
  const settings = readSettings(process.env);
  if (typeof settings === "string") return refuse(settings);
  const taken = neededPorts(settings).find(({ port }) => !isFree(port));
  if (taken !== undefined) return refuse(whyTaken(taken, settings));

  const stopAsked = stopRequested();
  const processes = DemoProcesses.start(settings);
  const death = processes.downfall.then(async (what) => {
    await Bun.sleep(SIGNAL_MAY_BE_LATE_MS);
    return what;
  });
  const trouble = Promise.race([stopAsked, death]);
  let reason = await Promise.race([becomeReady(settings), trouble]);
  if (reason === undefined) process.stdout.write(describeDemo(settings));
  processes.showLog();
  reason ??= await trouble;
  await processes.end();
  if (reason === STOP) return 0;
  return refuse(`${reason}, so the rest was stopped`);
}

function refuse(why: string): number {
  process.stderr.write(`make run: ${why}\n`);
  return 1;
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: HOST, port, socket: { data: () => {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}

function whyTaken(
  { port, variable }: { readonly port: number; readonly variable: string },
  { runDirectory }: DemoSettings,
): string {
  const isOurs = readRecords(runDirectory).some(({ record }) =>
    [record.runner, ...record.children].some(isRunning),
  );
  const remedy = isOurs
    ? "a demo runs already; `make docker-compose-down` stops it"
    : `stop what listens there, or set ${variable} to another`;
  return `port ${port} of ${HOST} is in use: ${remedy}`;
}

const STOP = "stop";

/** Resolves when a signal, or the end of the `make` above, asks for the end. */
function stopRequested(): Promise<typeof STOP> {
  return new Promise((resolve) => {
    const stop = () => resolve(STOP);
    // Under nohup the end of the terminal is nothing to us.
    const isDeaf = signalsOf(process.pid, "ignored").includes("SIGHUP");
    // They stay until the end: a second Ctrl-C must not leave the parts behind.
    for (const signal of STOP_SIGNALS) {
      if (signal !== "SIGHUP" || !isDeaf) process.on(signal, stop);
    }
    watchParentMake(stop);
  });
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
process.exit(await runDemo());
