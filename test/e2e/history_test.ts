/** What a monitor remembers, with the compiled binary: history over HTTP, and a restart that nobody notices. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { control, run, startServers, stopAll, until } from "../kit/binary.ts";
import { Monitor } from "../kit/cluster.ts";

const LONG_MS = 120_000;

afterEach(stopAll);

interface View {
  readonly verdict: string;
  readonly verdictSince: string;
  readonly phi: number;
  readonly suspectPhi: number;
  readonly heartbeats: number;
  readonly lastHeartbeat: string | null;
  readonly silenceSeconds: number;
  readonly window: { readonly samples: number; readonly meanMs: number };
}

interface History {
  readonly changes: readonly {
    readonly scope: string;
    readonly from: string;
    readonly to: string;
  }[];
  readonly phi: readonly { readonly phi: number; readonly peakPhi: number }[];
  readonly next: string | null;
}

const look = async (monitor: Monitor, name: string) =>
  (await monitor.ask(`/targets/${name}`)).body as unknown as View;
const historyOf = async (monitor: Monitor, name: string, query = "") =>
  (await monitor.ask(`/targets/${name}/history${query}`)).body as unknown as History;
async function pagesOf(monitor: Monitor, name: string, limit: number): Promise<History[]> {
  const pages: History[] = [];
  for (let from = ""; ;) {
    const page = await historyOf(monitor, name, `?limit=${limit}${from}`);
    pages.push(page);
    if (page.next === null) return pages;
    from = `&from=${page.next}`;
  }
}

const untilVerdict = (monitor: Monitor, name: string, verdict: string) =>
  until(
    `${name} to be ${verdict}`,
    async () => ((await look(monitor, name)).verdict === verdict ? true : undefined),
    monitor.running,
  );
const pairs = ({ changes }: History) => changes.map(({ from, to }) => `${from} ${to}`);
const untilUp = (monitor: Monitor) =>
  until("it to answer", async () => ((await monitor.status()) ? true : undefined), monitor.running);
/** After how many seconds it was called down, by the monitor's own account. */
const silenceBeforeDown = (log: string, name: string) => {
  const line = new RegExp(`${name}: suspect -> down: no heartbeat for (?<seconds>[\\d.]+) s`, "u");
  return Number(line.exec(log)!.groups!["seconds"]);
};
const changesIn = (log: string) => log.match(/\S+: \w+ -> \w+/gu) ?? [];

/** Quick to judge, but no quicker than an irregular server is on a busy machine. */
const target = (name: string, port: number) => ({
  name,
  url: `http://127.0.0.1:${port}/heartbeat`,
  intervalMillis: 300,
  timeoutMillis: 2_000,
  monitor: { threshold: 12, minStdDeviationMillis: 300, firstHeartbeatEstimateMillis: 600 },
});

/** A monitor of servers whose rhythm is irregular, after a while. */
async function watching(count: number, samples = 40) {
  const { ports } = await startServers(count);
  for (const port of ports) await control(port, { delay: 0.02, jitter: 0.25 });
  const monitor = new Monitor({ id: "a" }).start();
  await untilUp(monitor);
  for (const [index, port] of ports.entries()) {
    expect((await monitor.put(target(`s${index}`, port))).status).toBe(200);
  }
  for (const index of ports.keys()) {
    await until(`s${index} to have a rhythm`, async () => {
      const { window } = await look(monitor, `s${index}`);
      return window.samples >= samples ? true : undefined;
    });
  }
  return { monitor, ports };
}

describe("a monitor that is started again", () => {
  test.each(["SIGTERM", "SIGKILL"] as const)(
    "after %s knows its targets at once, and nothing is announced",
    async (signal) => {
      const { monitor } = await watching(3);
      const names = ["s0", "s1", "s2"];
      // Killed, it has saved what it had within the last seconds; see that it has.
      if (signal === "SIGKILL") await Bun.sleep(12_000);
      const before = await Promise.all(names.map((name) => look(monitor, name)));
      await monitor.end(signal);
      await Bun.sleep(3_000);
      monitor.start();
      await untilUp(monitor);
      const first = await Promise.all(names.map((name) => look(monitor, name)));
      for (const [index, view] of first.entries()) {
        const past = before[index]!;
        expect(view.verdict).toBe("up");
        expect(view.verdictSince.slice(0, 18)).toBe(past.verdictSince.slice(0, 18));
        // Half of it may be newer than what was saved, and it goes on until the end.
        expect(view.window.samples).toBeGreaterThan(past.window.samples / 3);
        expect(Math.abs(view.window.meanMs - past.window.meanMs)).toBeLessThan(100);
        expect(view.silenceSeconds).toBeLessThan(2);
        expect(view.lastHeartbeat).not.toBeNull();
      }
      let peakPhi = 0;
      for (const endMs = performance.now() + 5_000; performance.now() < endMs;) {
        const views = await Promise.all(names.map((name) => look(monitor, name)));
        peakPhi = Math.max(peakPhi, ...views.map(({ phi }) => phi));
        await Bun.sleep(20);
      }
      expect(peakPhi).toBeLessThan(first[0]!.suspectPhi);
      expect(changesIn(monitor.log)).toEqual([]);
      expect(monitor.log).toContain("3 of 3 targets go on where they were when it ended");
      expect(await monitor.metric("phi_history_restored_targets")).toBe(3);
    },
    LONG_MS,
  );

  test(
    "finds a server down that died meanwhile, as soon as it usually does; what was down stays so",
    async () => {
      const { monitor, ports } = await watching(3);
      await control(ports[0]!, { paused: true });
      await untilVerdict(monitor, "s0", "down");
      const usualSeconds = silenceBeforeDown(monitor.log, "s0");
      await monitor.end("SIGTERM");
      await control(ports[1]!, { paused: true });
      monitor.start();
      await untilUp(monitor);
      expect((await look(monitor, "s0")).verdict).toBe("down");
      expect((await look(monitor, "s1")).verdict).toBe("up");
      await untilVerdict(monitor, "s1", "down");
      // On the monitor's own clock, which a busy machine disturbs less than ours.
      const seconds = silenceBeforeDown(monitor.log, "s1");
      expect(seconds).toBeLessThan(usualSeconds + 2);
      await Bun.sleep(1_000);
      expect(changesIn(monitor.log)).toEqual(["s1: up -> suspect", "s1: suspect -> down"]);
      expect(monitor.log).toContain("since this monitor started");
      for (const port of ports) await control(port, { paused: false });
      await untilVerdict(monitor, "s0", "up");
      expect(changesIn(monitor.log).filter((line) => line.startsWith("s0"))).toEqual([
        "s0: down -> up",
      ]);
      expect((await look(monitor, "s2")).verdict).toBe("up");
    },
    LONG_MS,
  );
});

describe("GET /targets/:name/history", () => {
  test(
    "tells what happened, page by page, through restarts, and of a target that is gone",
    async () => {
      const { monitor, ports } = await watching(1, 10);
      await control(ports[0]!, { paused: true });
      await untilVerdict(monitor, "s0", "down");
      await control(ports[0]!, { paused: false });
      await untilVerdict(monitor, "s0", "up");
      const told = ["unknown up", "up suspect", "suspect down", "down up"];
      expect(pairs(await historyOf(monitor, "s0"))).toEqual(told);
      await monitor.end("SIGKILL");
      monitor.start();
      await untilUp(monitor);
      await untilVerdict(monitor, "s0", "up");
      const pages = await pagesOf(monitor, "s0", 2);
      expect(pages.length).toBeGreaterThanOrEqual(2);
      // What a monitor that is killed within half a second has said of a target it says anew, from what it had saved.
      const toldSince = pages.flatMap(pairs);
      expect([told, [...told, "suspect up"], [...told, "down up"]]).toContainEqual(toldSince);
      expect((await monitor.ask("/targets/s0/history?limit=0")).status).toBe(400);
      await monitor.ask("/config/s0", { method: "DELETE" });
      expect((await monitor.ask("/targets/s0")).status).toBe(404);
      expect(pairs(await historyOf(monitor, "s0"))).toEqual(toldSince);
      expect((await monitor.ask("/targets/never/history")).status).toBe(404);
      const [sample] = await until("a sample of phi", async () => {
        const { phi } = await historyOf(monitor, "s0");
        return phi.length > 0 ? phi : undefined;
      });
      expect(sample!.peakPhi).toBeGreaterThanOrEqual(sample!.phi);
      expect(await monitor.metric("phi_history_dropped_records_total")).toBe(0);
      expect(await monitor.metric("phi_history_size_bytes")).toBeGreaterThan(4_096);
    },
    LONG_MS,
  );

  test(
    "a file that is damaged is put aside with one line, and all goes on",
    async () => {
      const { ports } = await startServers(1);
      const monitor = new Monitor({ id: "a" }).start();
      await untilUp(monitor);
      await monitor.put(target("s", ports[0]!));
      await untilVerdict(monitor, "s", "up");
      await monitor.end("SIGTERM");
      const file = join(monitor.directory, "history.sqlite");
      expect(existsSync(file)).toBe(true);
      writeFileSync(file, "no database".repeat(5_000));
      monitor.start();
      await untilUp(monitor);
      await untilVerdict(monitor, "s", "up");
      expect(
        monitor.log.match(/history: .* is put aside as history\.sqlite\.aside/gu),
      ).toHaveLength(1);
      await until("the change", async () =>
        (await historyOf(monitor, "s")).changes.length === 1 ? true : undefined,
      );
      expect(await monitor.end("SIGTERM")).toBe(0);
    },
    LONG_MS,
  );

  test.each(["--history-days=0", "--history-max-bytes=0", "--datadir=:memory:"])(
    "with %s nothing is kept, and it says so",
    async (flag) => {
      const monitor = new Monitor({ id: "a" }).start([flag]);
      await untilUp(monitor);
      await monitor.put({ name: "s", url: "push:" });
      const { status, body } = await monitor.ask("/targets/s/history");
      expect([status, body["type"]]).toEqual([404, "urn:phi:problem:no_history"]);
      expect(await monitor.metric("phi_history_size_bytes")).toBeUndefined();
      expect(await monitor.end("SIGTERM")).toBe(0);
      const files = existsSync(monitor.directory) ? readdirSync(monitor.directory) : [];
      expect(files.filter((name) => name.startsWith("history"))).toEqual([]);
    },
    LONG_MS,
  );
});

test("limits that make no sense are misuse", async () => {
  for (const flag of ["--history-max-bytes=1000", "--history-days=1000", "--history-days=a week"]) {
    const { code, stderr } = await run(["monitor", "--datadir=:memory:", flag]);
    expect([code, stderr]).toEqual([2, expect.stringContaining("--history-")]);
  }
});
