/**
 * The face for isolates: a receiver of pushed heartbeats, as a web-standard handler. Targets come from
 * the `CONFIG` binding (the text of a config file), or by PUT /config; beats arrive by POST /heartbeat/NAME;
 * verdicts are read at /targets, /metrics and /events. It asks nobody, and never votes. An isolate has
 * neither a disk nor steady timers, and that sets the limits:
 *
 * - All it knows is in one isolate's memory. Beats and looks must reach the same one (a Durable Object, a
 *   single process), and when that is evicted the history is gone, and what was PUT too.
 * - Verdicts are settled when somebody looks, each dated to its own moment. Somebody who listens to
 *   /events counts as looking, once a second.
 * - It cannot tell a pause of its own from silence. One that was stopped calls its targets down when it
 *   goes on, until they are heard again.
 * - workerd has no monotonic clock. One set forward is silence of everybody; one set back does no harm.
 * - It has no keys. Whoever reaches it may write, so something in front must say who may reach it.
 *
 * Bundle it with `bun build --target browser --define process=undefined src/edge.ts`: what it is made of
 * looks for a `process`, and Deno asks for permissions then. workerd wants a compatibility date from
 * 2024-10-14 on, or it breaks /events off at the next request; `Bun.serve` an `idleTimeout` above the 15 s
 * in which /events may be silent.
 */
import { createApi, problem, type Api } from "./api/mod.ts";
import {
  decodeConfigText,
  formatConfigError,
  type ConfigError,
  type Target,
} from "./config/mod.ts";
import { createExposition, NO_OWN_METRICS } from "./metrics/mod.ts";
import { isPushed, WatchSet } from "./monitor/mod.ts";
import type { Clock, Timers } from "./port.ts";
import { MemoryConfigStore } from "./store/mod.ts";
import { VERSION } from "./version.ts";

type Receiver =
  | { readonly ok: true; readonly watches: WatchSet; readonly api: Api }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** Made at the first request, because only then is the environment known and does time pass. */
let receiver: Promise<Receiver> | undefined;

export default {
  /**
   * Never rejects. `CONFIG` of the environment is the text of a config file, YAML or JSON, whose targets
   * are all `push:`; one that is not valid is the answer to every request, as a problem with status 500.
   * What is not a string counts as not there, and so does whatever else a platform passes second (Bun
   * its server, Deno the peer's address).
   */
  async fetch(request: Request, environment?: unknown): Promise<Response> {
    receiver ??= makeReceiver(configOf(environment));
    const made = await receiver;
    return made.ok ? answer(request, made.watches, made.api) : brokenConfig(made.errors);
  },
};

function configOf(environment: unknown): string | undefined {
  if (typeof environment !== "object" || environment === null) return undefined;
  if (!("CONFIG" in environment)) return undefined;
  return typeof environment.CONFIG === "string" ? environment.CONFIG : undefined;
}

async function makeReceiver(config: string | undefined): Promise<Receiver> {
  const decoded = readConfig(config);
  if (!decoded.ok) return decoded;
  const clock = steadyClock();
  const store = new MemoryConfigStore();
  const watches = new WatchSet({
    nowMs: () => clock.monotonicMs(),
    wallMsOf: (monitorMs) => clock.wallMs() - (clock.monotonicMs() - monitorMs),
    pausedMs: 0,
    excusingPauses: [],
  });
  store.subscribe(({ written, deleted }) => {
    for (const target of written) watches.put(target);
    for (const name of deleted) watches.remove(name);
  });
  await store.replace(decoded.targets);
  const exposition = createExposition({ monitor: watches, own: NO_OWN_METRICS, timers });
  const deps = { store, monitor: watches, exposition, checkTarget, clock, timers, reportBug };
  return { ok: true, watches, api: createApi({ ...deps, version: VERSION }, { aot: false }) };
}

/**
 * Isolates move their clocks at I/O only, and workerd's `performance` is the wall clock from 1970 on. Set
 * back, it must neither go back here nor stand still until it has caught up.
 */
function steadyClock(): Clock {
  let lastReadMs = performance.now();
  let nowMs = 0;
  const monotonicMs = () => {
    const readMs = performance.now();
    nowMs += Math.max(0, readMs - lastReadMs);
    lastReadMs = readMs;
    return nowMs;
  };
  return { monotonicMs, wallMs: () => Date.now() };
}

const timers: Timers = {
  after: (delayMs, run) => {
    const timer = setTimeout(run, delayMs);
    return () => clearTimeout(timer);
  },
  yieldToLoop: () => new Promise((resolve) => setTimeout(resolve, 0)),
};

function reportBug(error: unknown): void {
  console.error(error);
}

type Checked = { readonly ok: true } | { readonly ok: false; readonly detail: string };

function checkTarget(target: Target): Checked {
  if (isPushed(target)) return { ok: true };
  return { ok: false, detail: 'this receiver asks nobody: write "url": "push:"' };
}

type ReadConfig =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

function readConfig(config: string | undefined): ReadConfig {
  if (config === undefined) return { ok: true, targets: [] };
  const decoded = decodeConfigText(config, "CONFIG");
  if (!decoded.ok) return decoded;
  const errors = decoded.targets.flatMap((target, index) => {
    const checked = checkTarget(target);
    if (checked.ok) return [];
    const place = { field: `servers[${index}].url`, pointer: `/servers/${index}/url` };
    return { file: "CONFIG", ...place, message: checked.detail };
  });
  return errors.length === 0 ? decoded : { ok: false, errors };
}

/** To every request, /healthz too: a receiver that watches nothing must not look well. */
function brokenConfig(configErrors: readonly ConfigError[]): Response {
  const errors = configErrors.map(({ pointer, message }) => ({ pointer, detail: message }));
  const detail = configErrors.map(formatConfigError).join("\n");
  return problem("broken_config", detail, { errors, headers: { "cache-control": "no-store" } });
}

/** A beat settles its own target; all of them at each beat would cost the square of their number. */
async function answer(request: Request, watches: WatchSet, api: Api): Promise<Response> {
  if (request.method === "GET" || request.method === "HEAD") settle(watches);
  const response = await api.fetch(request);
  const { headers } = response;
  if (headers.get("content-type") === "text/event-stream")
    return settledMeanwhile(response, watches);
  return headers.has("content-encoding") ? encodedAlready(response) : response;
}

const SETTLE_EVERY_MS = 1_000;

/** When `settle` last did its work, by the receiver's clock: many may listen, and one settles for all. */
let settledMs = 0;

function settle(watches: WatchSet, unlessWithinMs = 0): void {
  const nowMs = watches.nowMs();
  if (nowMs - settledMs < unlessWithinMs) return;
  settledMs = nowMs;
  watches.settle();
}

/** The stream would else be silent about a silence until somebody looks elsewhere. */
function settledMeanwhile(response: Response, watches: WatchSet): Response {
  const reader = response.body?.getReader();
  if (reader === undefined) return response;
  const body = new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const timer = setInterval(() => settle(watches, SETTLE_EVERY_MS / 2), SETTLE_EVERY_MS);
        try {
          const piece = await reader.read();
          if (piece.done) controller.close();
          else controller.enqueue(piece.value);
        } finally {
          clearInterval(timer);
        }
      },
      cancel: (reason) => reader.cancel(reason),
    },
    { highWaterMark: 0 },
  );
  return new Response(body, response);
}

/** workerd would compress again what says that it is compressed, were it not told. */
function encodedAlready({ body, status, headers }: Response): Response {
  const init: ResponseInit & { readonly encodeBody: "manual" } = {
    status,
    headers,
    encodeBody: "manual",
  };
  return new Response(body, init);
}
