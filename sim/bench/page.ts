/**
 * The page in the system's Chromium, beside a monitor of the compiled binary that asks simulated servers under as many
 * names as the first argument says; the second is for how many seconds it is looked at. Prints what it took as JSON.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { closeBrowsers, openBrowser, type Page } from "../../test/kit/browser.ts";
import { freePorts } from "../free_ports.ts";
import { askJson, Monitors, until } from "./cluster/monitors.ts";

const [targetCount, seconds] = process.argv.slice(2).map(Number) as [number, number];
const SERVERS = 10;
/** Slower than by default, so that two cores are enough for the browser as well. */
const INTERVAL_MILLIS = 5_000;
const TICKS_A_SECOND = 100;

interface PageResult {
  readonly firstPaintMs: number;
  readonly rowsMs: number;
  readonly coreShare: number;
}

async function measure(url: string): Promise<PageResult> {
  const { page } = await openBrowser();
  const startMs = performance.now();
  await page.goto(url);
  await page.locator(".row:not([hidden])").first().waitFor();
  const rowsMs = performance.now() - startMs;
  await page.locator('#app[data-link="live"]').waitFor();
  const firstPaintMs = await firstPaintOf(page);
  // What is loaded, compiled and drawn once is not what it takes to be live.
  await Bun.sleep(5_000);
  const pids = descendantsOf(process.pid).filter(isChromium);
  const before = ticksOf(pids);
  await Bun.sleep(seconds * 1_000);
  const coreShare = (ticksOf(pids) - before) / TICKS_A_SECOND / seconds;
  return { firstPaintMs, rowsMs, coreShare };
}

/** From the navigation on. */
async function firstPaintOf(page: Page): Promise<number> {
  return await page.evaluate(
    () => performance.getEntriesByName("first-contentful-paint")[0]!.startTime,
  );
}

/** proc(5): of each process its parent. */
function descendantsOf(ancestor: number): number[] {
  const found = [ancestor];
  const parents = readdirSync("/proc")
    .filter((name) => /^\d+$/u.test(name))
    .flatMap((name) => {
      const fields = statOf(Number(name));
      return fields === undefined ? [] : [{ pid: Number(name), parent: Number(fields[1]) }];
    });
  for (const each of found) {
    for (const { pid, parent } of parents) if (parent === each) found.push(pid);
  }
  return found.slice(1);
}

function isChromium(pid: number): boolean {
  return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("chromium");
}

/** User and system time of processes that are still there, in ticks. */
function ticksOf(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const fields = statOf(pid);
    return fields === undefined ? sum : sum + Number(fields[11]) + Number(fields[12]);
  }, 0);
}

/** From the state on: the name before it may hold anything. */
function statOf(pid: number): readonly string[] | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, "utf8");
    return text.slice(text.lastIndexOf(")") + 2).split(" ");
  } catch {
    return undefined;
  }
}

function configOf(ports: readonly number[]): string {
  const servers = Array.from({ length: targetCount }, (_, place) => ({
    name: `server-${place + 1}`,
    url: `http://127.0.0.1:${ports[place % SERVERS]}/heartbeat`,
    intervalMillis: INTERVAL_MILLIS,
  }));
  return JSON.stringify({ servers });
}

const directory = mkdtempSync(join(tmpdir(), "phi-bench-page-"));
const ports = freePorts(SERVERS);
const config = join(directory, "config.json");
await Bun.write(config, configOf(ports));
const monitors = new Monitors({ directory: join(directory, "monitor"), size: 1, config });
const servers = Bun.spawn([monitors.binary, "sim", `--port=${ports.join(",")}`], {
  stdin: "ignore",
  stdout: "ignore",
  stderr: "ignore",
});
try {
  await monitors.start();
  const { url } = monitors.all[0]!;
  await until("all targets to be up", async () => {
    const seen = (await askJson(`${url}/targets`)) as readonly { verdict: string }[] | undefined;
    const isUp = seen?.every(({ verdict }) => verdict === "up");
    return seen?.length === targetCount && isUp ? true : undefined;
  });
  console.log(JSON.stringify(await measure(url)));
} finally {
  await closeBrowsers();
  await monitors.stop();
  servers.kill();
  await servers.exited;
  rmSync(directory, { recursive: true, force: true });
}
