/**
 * The face for isolates: a receiver of pushed heartbeats, as a web-standard handler. Targets come from
 * the `CONFIG` binding (the text of a config file), or by PUT /config; beats arrive by POST /heartbeat/NAME;
 * verdicts are read at /targets and /metrics. An isolate has no disk and no steady timers: it asks nobody,
 * settles every verdict when somebody looks (each dated to its own moment), forgets all when it is
 * evicted, and never votes.
 */
import { createApi, type Api } from "./api/mod.ts";
import { decodeConfigText, formatConfigError, type Target } from "./config/mod.ts";
import { createExposition, NO_OWN_METRICS } from "./metrics/mod.ts";
import { isPushed, WatchSet } from "./monitor/mod.ts";
import type { Clock, Timers } from "./port.ts";
import { MemoryConfigStore } from "./store/mod.ts";

const VERSION = "0.1.0";

/** What the platform binds for the handler. */
export interface EdgeEnvironment {
  /** The text of a config file, YAML or JSON, whose targets are all `push:`. */
  readonly CONFIG?: unknown;
}

/** Isolates move this clock at I/O only, and some take it from the wall: there is no better one. */
const clock: Clock = { monotonicMs: () => performance.now(), wallMs: () => Date.now() };

const timers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  yieldToLoop: () => new Promise((resolve) => setTimeout(resolve, 0)),
};

interface Receiver {
  readonly watches: WatchSet;
  readonly api: Api;
}

/** Made at the first request, because only then is the environment known and does time pass. */
let receiver: Promise<Receiver> | undefined;

export default {
  async fetch(request: Request, environment?: EdgeEnvironment): Promise<Response> {
    receiver ??= makeReceiver(environment?.CONFIG);
    const { watches, api } = await receiver;
    watches.settle();
    return api.fetch(request);
  },
};

async function makeReceiver(config: unknown): Promise<Receiver> {
  const store = new MemoryConfigStore();
  const watches = new WatchSet({
    nowMs: clock.monotonicMs,
    wallMsOf: (monitorMs) => clock.wallMs() - (clock.monotonicMs() - monitorMs),
    pausedMs: 0,
    wokeMs: Number.NEGATIVE_INFINITY,
  });
  store.subscribe(({ written, deleted }) => {
    for (const target of written) watches.put(target);
    for (const name of deleted) watches.remove(name);
  });
  await store.replace(readConfig(config));
  const exposition = createExposition({ monitor: watches, own: NO_OWN_METRICS, timers });
  const api = createApi(
    { store, monitor: watches, exposition, checkTarget, clock, timers, version: VERSION },
    { aot: false },
  );
  return { watches, api };
}

function checkTarget(target: Target): { ok: true } | { ok: false; detail: string } {
  if (isPushed(target)) return { ok: true };
  return { ok: false, detail: 'this receiver asks nobody: write "url": "push:"' };
}

function readConfig(config: unknown): readonly Target[] {
  if (typeof config !== "string") return [];
  const decoded = decodeConfigText(config, "CONFIG");
  if (!decoded.ok) throw new Error(decoded.errors.map(formatConfigError).join("\n"));
  for (const target of decoded.targets) {
    const check = checkTarget(target);
    if (!check.ok) throw new Error(`CONFIG: ${target.name}: ${check.detail}`);
  }
  return decoded.targets;
}
