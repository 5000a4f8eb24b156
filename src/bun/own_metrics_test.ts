import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { register } from "prom-client";
import { needs } from "../../test/kit/needs.ts";
import { readOpenMetrics } from "../../test/kit/open_metrics.ts";
import { makeMonitorReading, makeReading } from "../../test/kit/watch_reading.ts";
import {
  createExposition,
  OWN_SERIES,
  PROCESS_SERIES,
  RAFT_HISTOGRAMS,
  type OwnFacts,
  type RaftFacts,
} from "../metrics/mod.ts";
import { createOwnMetrics } from "./own_metrics.ts";
import { bunTimers } from "./timers.ts";

const FACTS: OwnFacts = { targetCount: 3, pausedSeconds: 10.5, configRevision: 7 };

async function readOwn(own = createOwnMetrics("0.1.0"), facts = FACTS) {
  const text = await own.render("openmetrics", facts);
  return new Map(readOpenMetrics(`${text}# EOF\n`).map((family) => [family.name, family]));
}

test("createOwnMetrics() shows what it is told", async () => {
  const families = await readOwn();
  const value = (name: string): number => families.get(name)!.samples[0]!.value;
  expect(value("phi_targets")).toBe(3);
  expect(value("phi_config_revision")).toBe(7);
  expect(value("phi_monitor_paused_seconds")).toBe(10.5);
  const [build] = families.get("phi_build")!.samples;
  expect(build!.labels.get("version")).toBe("0.1.0");
  expect(build!.labels.get("runtime")).toBe(`bun ${Bun.version}`);
});

test("createOwnMetrics() leaves the revision out where there is none", async () => {
  const families = await readOwn(createOwnMetrics("0.1.0"), {
    ...FACTS,
    configRevision: undefined,
  });
  expect(families.has("phi_config_revision")).toBe(false);
});

test("a total is the last one told, not the sum of all scrapes", async () => {
  const own = createOwnMetrics("0.1.0");
  await own.render("text", FACTS);
  await own.render("openmetrics", FACTS);
  expect(await own.render("text", { ...FACTS, pausedSeconds: 11 })).toContain(
    "\nphi_monitor_paused_seconds_total 11\n",
  );
});

test("lags fill histograms from 1 ms to 10 s, and one below 0 counts as 0", async () => {
  const own = createOwnMetrics("0.1.0");
  for (const seconds of [-1, 0.0005, 0.004, 20]) own.scheduleLag(seconds);
  own.eventLoopLag(3);
  const families = await readOwn(own);
  const { samples } = families.get("phi_schedule_lag_seconds")!;
  const buckets = samples.filter(({ name }) => name.endsWith("_bucket"));
  const bounds = buckets.map(({ labels }) => labels.get("le"));
  expect([bounds[0], bounds.at(-2), bounds.at(-1)]).toEqual(["0.001", "10.0", "+Inf"]);
  expect(buckets.map(({ value }) => value)).toEqual([2, 2, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 3, 4]);
  expect(samples.find(({ name }) => name.endsWith("_sum"))!.value).toBeCloseTo(20.0045, 9);
  const loop = families.get("phi_event_loop_lag_seconds")!.samples;
  expect(loop.find(({ name }) => name.endsWith("_sum"))!.value).toBe(3);
});

test("a cluster's member has histograms of commits and syncs; what is no member has none", async () => {
  const own = createOwnMetrics("0.1.0");
  expect((await readOwn(own)).has("phi_raft_commit_duration_seconds")).toBe(false);
  for (const seconds of [-1, 0.0004, 0.3]) own.raftCommit(seconds);
  own.raftSync(0.002);
  const families = await readOwn(own, { ...FACTS, isMember: true });
  const part = (name: string, suffix: string): number[] =>
    families
      .get(name)!
      .samples.filter((sample) => sample.name === name + suffix)
      .map(({ value }) => value);
  expect(part("phi_raft_commit_duration_seconds", "_count")).toEqual([3]);
  expect(part("phi_raft_commit_duration_seconds", "_sum")).toEqual([0.3004]);
  expect(part("phi_raft_commit_duration_seconds", "_bucket").slice(0, 2)).toEqual([2, 2]);
  expect(part("phi_raft_sync_duration_seconds", "_bucket").slice(0, 4)).toEqual([0, 0, 1, 1]);
  expect(part("phi_raft_sync_duration_seconds", "_count")).toEqual([1]);
});

test("thousands of commits are all in what is told, each once", async () => {
  const own = createOwnMetrics("0.1.0");
  const countAfter = async (commits: number) => {
    for (let count = 0; count < commits; count++) own.raftCommit(0.001);
    const { samples } = (await readOwn(own, { ...FACTS, isMember: true })).get(
      "phi_raft_commit_duration_seconds",
    )!;
    return samples.find(({ name }) => name.endsWith("_count"))!.value;
  };
  expect(await countAfter(2_500)).toBe(2_500);
  expect(await countAfter(1_024)).toBe(3_524);
  expect(await countAfter(0)).toBe(3_524);
});

test("the two formats may be rendered at the same time, again and again", async () => {
  const own = createOwnMetrics("0.1.0");
  const formats = ["text", "openmetrics", "text", "openmetrics", "text"] as const;
  const texts = await Promise.all(formats.map((format) => own.render(format, FACTS)));
  for (const [index, format] of formats.entries()) {
    const isText = format === "text";
    expect(texts[index]!.includes("# TYPE process_cpu_seconds_total counter\n")).toBe(isText);
    expect(texts[index]!.includes("# TYPE process_cpu_seconds counter\n")).toBe(!isText);
    expect(texts[index]).toContain("\nprocess_cpu_seconds_total ");
  }
});

test("every series of the table is written, and prom-client's own registry stays empty", async () => {
  const text = await createOwnMetrics("0.1.0").render("text", { ...FACTS, isMember: true });
  const onLinux = process.platform === "linux";
  const { cpu, residentMemory, startTime } = PROCESS_SERIES;
  const processSeries = onLinux ? Object.values(PROCESS_SERIES) : [cpu, residentMemory, startTime];
  const raftSeries = Object.values(RAFT_HISTOGRAMS);
  const series = [...Object.values(OWN_SERIES), ...processSeries, ...raftSeries];
  const names = series.map(({ name }) => name);
  const written = [...text.matchAll(/^# HELP (\S+)/gm)].map(([, name]) => name!);
  expect(written.toSorted()).toEqual(names.toSorted());
  expect(register.getMetricsAsArray()).toEqual([]);
});

test("process_* are this process's", async () => {
  const families = await readOwn();
  const value = (name: string): number => families.get(name)!.samples[0]!.value;
  const { user, system } = process.cpuUsage();
  expect(value("process_cpu_seconds")).toBeLessThanOrEqual((user + system) / 1e6);
  expect(value("process_cpu_seconds")).toBeGreaterThan(0);
  expect(value("process_resident_memory_bytes")).toBeGreaterThan(1e7);
  const startedAgoSeconds = Date.now() / 1_000 - value("process_start_time_seconds");
  expect(Math.abs(startedAgoSeconds - process.uptime())).toBeLessThan(5);
});

test.skipIf(process.platform !== "linux")("process_open_fds counts descriptors", async () => {
  const own = createOwnMetrics("0.1.0");
  const openFds = async (): Promise<number> =>
    (await readOwn(own)).get("process_open_fds")!.samples[0]!.value;
  const before = await openFds();
  const fds = Array.from({ length: 50 }, () => openSync("/dev/null", "r"));
  const during = await openFds();
  for (const fd of fds) closeSync(fd);
  expect(during - before).toBeGreaterThanOrEqual(45);
  const families = await readOwn(own);
  expect(families.get("process_max_fds")!.samples[0]!.value).toBeGreaterThan(during);
  expect(families.get("process_virtual_memory_bytes")!.samples[0]!.value).toBeGreaterThan(1e7);
});

const RAFT_FACTS: RaftFacts = {
  role: "leader",
  term: 7,
  leaderChanges: 2,
  commitIndex: 41,
  appliedIndex: 40,
  logEntries: 12,
  peers: [{ id: "m2", isConnected: true, lagEntries: 3 }],
  snapshotAgeSeconds: 60.5,
  hasQuorum: true,
  isHalted: false,
  unreadableEntries: 0,
  refusedMessages: 0,
};

const exposition = createExposition({
  monitor: makeMonitorReading([
    makeReading({ target: { name: "a", labels: { team: 'pay"\\\nments' } } }),
    makeReading({ target: { name: "b", url: "push:" }, lastHeartbeatMs: Number.NaN }),
    makeReading({ target: { name: "c" }, certificateExpiresWallMs: 1.8e12, verdict: "down" }),
  ]),
  own: createOwnMetrics("0.1.0"),
  timers: bunTimers,
  compat: true,
  configRevision: () => 7,
  raft: () => RAFT_FACTS,
});

test.skipIf(!needs("promtool"))(
  "promtool check metrics passes on the whole exposition",
  async () => {
    const response = await exposition.respond(new Request("http://127.0.0.1/metrics"));
    const child = Bun.spawnSync(["promtool", "check", "metrics"], {
      stdin: await response.bytes(),
      stderr: "pipe",
    });
    expect(child.stdout.toString() + child.stderr.toString()).toBe("");
    expect(child.exitCode).toBe(0);
  },
);

test("the whole exposition is valid OpenMetrics", async () => {
  const request = new Request("http://127.0.0.1/metrics", {
    headers: { accept: "application/openmetrics-text" },
  });
  const families = readOpenMetrics(await (await exposition.respond(request)).text());
  expect(families.length).toBeGreaterThan(40);
  const info = families.find(({ name }) => name === "phi_target")!;
  expect(info.samples[0]!.labels.get("team")).toBe('pay"\\\nments');
});
