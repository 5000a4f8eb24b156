/** Models and budgets with the compiled binary: what a monitor makes of them, counts, says, and remembers. */
import { afterEach, describe, expect, test } from "bun:test";
import { control, run, startServers, stopAll, until } from "../kit/binary.ts";
import { Monitor } from "../kit/cluster.ts";

const LONG_MS = 120_000;

afterEach(stopAll);

interface View {
  readonly verdict: string;
  readonly threshold: number;
  readonly window: { readonly samples: number };
  readonly detector: { readonly model: string; readonly intervalSeconds: number };
  readonly quality: {
    readonly mistakes: number;
    readonly outages: number;
    readonly calibration: readonly { readonly judged: number }[];
  };
  readonly budget: {
    readonly detectWithinSeconds: number | null;
    readonly falseAlarmsPerMonth: number | null;
    readonly achieved: { readonly detectionSeconds: number };
  } | null;
}

const look = async (monitor: Monitor, name: string) =>
  (await monitor.ask(`/targets/${name}`)).body as unknown as View;

const untilView = (monitor: Monitor, name: string, what: string, is: (view: View) => boolean) =>
  until(
    `${name} to ${what}`,
    async () => {
      const view = await look(monitor, name);
      return is(view) ? view : undefined;
    },
    monitor.running,
  );

const untilUp = (monitor: Monitor) =>
  until("it to answer", async () => ((await monitor.status()) ? true : undefined), monitor.running);

async function watching(monitorSettings: object): Promise<{ monitor: Monitor; port: number }> {
  const { ports } = await startServers(1);
  const [port = 0] = ports;
  const monitor = new Monitor({ id: "a" }).start();
  await untilUp(monitor);
  const url = `http://127.0.0.1:${port}/heartbeat`;
  const target = { name: "s", url, intervalMillis: 100, monitor: monitorSettings };
  expect((await monitor.put(target)).status).toBe(200);
  await untilView(monitor, "s", "have a rhythm", ({ window }) => window.samples >= 80);
  return { monitor, port };
}

describe("a target with a budget", () => {
  test(
    "is judged by it, and a server that says it is not well was no mistake of the monitor's",
    async () => {
      const budget = { detectWithinMillis: 1_500, falseAlarmsPerMonth: 100 };
      const { monitor, port } = await watching({ ...budget, minIntervalMillis: 50 });
      const before = await look(monitor, "s");
      expect(before.detector.model).toBe("calibrated");
      expect(before.detector.intervalSeconds).toBeLessThanOrEqual(0.1);
      expect(before.budget).toMatchObject({ detectWithinSeconds: 1.5, falseAlarmsPerMonth: 100 });
      expect(before.budget!.achieved.detectionSeconds).toBeLessThanOrEqual(1.5);
      await control(port, { status: 503 });
      await untilView(monitor, "s", "be down", ({ verdict }) => verdict === "down");
      await control(port, { status: 200 });
      const after = await untilView(monitor, "s", "be up", ({ verdict }) => verdict === "up");
      expect(after.quality.outages).toBe(before.quality.outages + 1);
      expect(after.quality.mistakes).toBe(before.quality.mistakes);
      expect(after.quality.calibration[0]!.judged).toBeGreaterThan(70);

      const api = ["--api", monitor.url];
      const explained = await run(["explain", "s", ...api]);
      expect(explained.stdout).toContain("Its budget is to be down within 1.5 s");
      const metrics = await (await fetch(`${monitor.url}/metrics`)).text();
      expect(metrics).toContain('phi_budget_detection_seconds{target="s"} 1.5\n');
      expect(metrics).toMatch(/^phi_quality_outages_total\{target="s"\} [1-9]/mu);
      const replayed = await run(["replay", "--target", "s", ...api]);
      expect([replayed.code, replayed.stderr]).toEqual([0, ""]);
      expect(replayed.stdout).toContain("calibrated");
    },
    LONG_MS,
  );

  test(
    "goes on with its threshold after a restart",
    async () => {
      const { monitor } = await watching({ falseAlarmsPerMonth: 100 });
      const { threshold } = await untilView(
        monitor,
        "s",
        "learn",
        ({ quality }) => quality.calibration[0]!.judged > 150,
      );
      await monitor.end("SIGTERM");
      monitor.start();
      await untilUp(monitor);
      const again = await untilView(monitor, "s", "be watched", ({ verdict }) => verdict === "up");
      expect(Math.abs(again.threshold - threshold)).toBeLessThan(0.25);
      expect(again.window.samples).toBeGreaterThan(100);
    },
    LONG_MS,
  );
});
