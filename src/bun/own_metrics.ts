/**
 * What the monitor measures of itself, kept by prom-client in a registry of its own. prom-client keeps the
 * numbers and the writer of `metrics/` writes them: prom-client's own OpenMetrics ends with an `# EOF` that
 * belongs further down, renames its counters for good while it writes, and takes the format from the
 * registry, which two scrapes at a time share.
 */
import { Counter, Gauge, Histogram, Registry } from "prom-client";
import {
  formatFamily,
  OWN_SERIES,
  RAFT_HISTOGRAMS,
  SERIES,
  type MetricsFormat,
  type OwnFacts,
  type OwnMetrics,
  type Sample,
  type Series,
} from "../metrics/mod.ts";
import { describe, setCounter } from "./_prom_client.ts";
import { registerProcessMetrics } from "./process_metrics.ts";

/** From a millisecond, which is nobody's trouble, to 10 s, which is a pause. */
const LAG_BUCKETS_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
];

/** From half a millisecond, a good disk's sync, to 10 s, when a write has long been given up. */
const RAFT_BUCKETS_SECONDS = [0.0005, ...LAG_BUCKETS_SECONDS];

const SERIES_BY_NAME = new Map<string, Series>(SERIES.map((series) => [series.name, series]));

export function createOwnMetrics(version: string): OwnMetrics {
  const registry = new Registry();
  registerBuild(registry, version);
  const setFacts = registerFacts(registry);
  const updateProcess = registerProcessMetrics(registry);
  const eventLoopLag = registerHistogram(registry, OWN_SERIES.eventLoopLag, LAG_BUCKETS_SECONDS);
  const scheduleLag = registerHistogram(registry, OWN_SERIES.scheduleLag, LAG_BUCKETS_SECONDS);
  // Of their own: they are written only where there is a cluster.
  const raftRegistry = new Registry();
  const { commitDuration, syncDuration } = RAFT_HISTOGRAMS;
  const commits = new Gathered(
    registerHistogram(raftRegistry, commitDuration, RAFT_BUCKETS_SECONDS),
  );
  const syncs = new Gathered(registerHistogram(raftRegistry, syncDuration, RAFT_BUCKETS_SECONDS));
  return {
    // An observation takes prom-client about 250 ns, at 15,000 probes/s 0.4 % of a core: no need to batch.
    eventLoopLag: (seconds) => eventLoopLag.observe(Math.max(seconds, 0)),
    scheduleLag: (seconds) => scheduleLag.observe(Math.max(seconds, 0)),
    raftCommit: (seconds) => commits.add(seconds),
    raftSync: (seconds) => syncs.add(seconds),
    async render(format, facts) {
      commits.observe();
      syncs.observe();
      await updateProcess();
      setFacts(facts);
      const own = await renderRegistry(registry, format);
      return facts.isMember === true ? own + (await renderRegistry(raftRegistry, format)) : own;
    },
  };
}

/** As many as are observed in a fraction of a millisecond. */
const MAX_GATHERED = 1_024;

/**
 * Observations that wait until somebody looks: what takes 250 ns again and again takes twenty times that
 * once in the course of a write, and whoever writes waits for it.
 */
class Gathered {
  readonly #histogram: Histogram;
  #values: number[] = [];

  constructor(histogram: Histogram) {
    this.#histogram = histogram;
  }

  add(value: number): void {
    this.#values.push(value);
    if (this.#values.length >= MAX_GATHERED) this.observe();
  }

  observe(): void {
    for (const value of this.#values) this.#histogram.observe(Math.max(value, 0));
    this.#values = [];
  }
}

function registerBuild(registry: Registry, version: string): void {
  const build = new Gauge({ ...describe(OWN_SERIES.buildInfo), registers: [registry] });
  const platform = `${process.platform}-${process.arch}`;
  build.set({ version, runtime: `bun ${Bun.version}`, platform }, 1);
}

function registerFacts(registry: Registry): (facts: OwnFacts) => void {
  const registers = [registry];
  const targets = new Gauge({ ...describe(OWN_SERIES.targets), registers });
  const revision = new Gauge({ ...describe(OWN_SERIES.configRevision), registers });
  const paused = new Counter({ ...describe(OWN_SERIES.monitorPaused), registers });
  return ({ targetCount, configRevision, pausedSeconds }) => {
    targets.set(targetCount);
    revision.set(configRevision ?? Number.NaN);
    setCounter(paused, pausedSeconds);
  };
}

function registerHistogram(registry: Registry, series: Series, buckets: number[]): Histogram {
  return new Histogram({ ...describe(series), buckets, registers: [registry] });
}

async function renderRegistry(registry: Registry, format: MetricsFormat): Promise<string> {
  let text = "";
  for (const { name, values } of await registry.getMetricsAsJSON()) {
    text += formatFamily(SERIES_BY_NAME.get(name)!, toSamples(values), format);
  }
  return text;
}

/** As prom-client hands values out; its types leave out the name that a histogram's parts have. */
interface PromClientValue {
  readonly value: number;
  readonly labels: Readonly<Record<string, string | number | undefined>>;
  readonly metricName?: string;
}

/** NaN stands for what is not known, and is left out. */
function toSamples(values: readonly PromClientValue[]): Sample[] {
  const samples: Sample[] = [];
  for (const { value, labels, metricName } of values) {
    if (Number.isNaN(value)) continue;
    const pairs = Object.entries(labels).map(([name, text]) => [name, text ?? ""] as const);
    const name = metricName === undefined ? {} : { name: metricName };
    samples.push({ ...name, labels: Object.fromEntries(pairs), value });
  }
  return samples;
}
