/**
 * `/metrics`: a monitor and its own metrics in, the answer to a scrape out. The answer is made while it is
 * read: a reader who goes away stops the making, one who is slow is waited for, and two scrapes at a time
 * share nothing but what they read.
 */
import type { AlertFacts } from "../alert/mod.ts";
import type { MonitorReading } from "../monitor/mod.ts";
import type { ObserversReading } from "../observers/mod.ts";
import type { Timers } from "../port.ts";
import { renderAlerts } from "./alerts.ts";
import { type HistoryFacts, renderHistory } from "./history.ts";
import { CONTENT_TYPES, negotiateExposition, type Negotiated } from "./negotiate.ts";
import type { OwnMetrics } from "./own.ts";
import { renderObservers } from "./observers.ts";
import { renderRaft, type RaftFacts } from "./raft.ts";
import { COMBINED_SERIES, COMPAT_SERIES, TARGET_SERIES } from "./series.ts";
import { renderTargets } from "./targets.ts";
import type { MetricsFormat } from "./text.ts";

export interface ExpositionOptions {
  readonly monitor: MonitorReading;
  /** Absent where nobody else could watch: in an isolate. */
  readonly observers?: ObserversReading;
  readonly own: OwnMetrics;
  readonly timers: Timers;
  /** Adds the proof of concept's series. */
  readonly compat?: boolean;
  readonly configRevision?: () => number;
  /** Asked at each scrape. Absent where nobody alerts. */
  readonly alerts?: () => AlertFacts;
  /** Asked at each scrape. Absent where there is no cluster. */
  readonly raft?: () => RaftFacts;
  /** Asked at each scrape. Absent where nothing is remembered. */
  readonly history?: () => HistoryFacts;
}

export interface Exposition {
  negotiateExposition(accept: string | null, acceptEncoding: string | null): Negotiated;
  /** The exposition as it is from now on, in pieces, with turns of the event loop between them. */
  render(format: MetricsFormat): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>;
  /** Answers a GET, or a HEAD, which has no body. */
  respond(request: Request): Promise<Response>;
}

export function createExposition(options: ExpositionOptions): Exposition {
  const render = (format: MetricsFormat) => renderAll(options, format);
  return { negotiateExposition, render, respond: (request) => respond(request, render) };
}

async function* renderAll(
  options: ExpositionOptions,
  format: MetricsFormat,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void, void> {
  const { monitor, observers, own, timers, compat = false, configRevision, alerts, raft } = options;
  const { history } = options;
  const encoder = new TextEncoder();
  const ownText = await own.render(format, {
    targetCount: monitor.watchCount,
    pausedSeconds: monitor.pausedMs / 1_000,
    configRevision: configRevision?.(),
    ...(raft !== undefined && { isMember: true }),
  });
  if (ownText !== "") yield encoder.encode(ownText);
  if (raft !== undefined) yield encoder.encode(renderRaft(raft(), format));
  if (alerts !== undefined) yield encoder.encode(renderAlerts(alerts(), format));
  if (observers !== undefined) yield encoder.encode(renderObservers(observers.observers(), format));
  if (history !== undefined) yield encoder.encode(renderHistory(history(), format));
  const pieces = renderTargets([...monitor.watches()], {
    series: [
      ...TARGET_SERIES,
      ...(observers === undefined ? [] : COMBINED_SERIES),
      ...(compat ? COMPAT_SERIES : []),
    ],
    format,
    time: {
      nowMs: monitor.nowMs(),
      wallMsOf: (monitorMs) => monitor.wallMsOf(monitorMs),
      ...(observers !== undefined && { observers }),
    },
    timers,
  });
  for await (const piece of pieces) yield encoder.encode(piece);
  if (format === "openmetrics") yield encoder.encode("# EOF\n");
}

async function respond(request: Request, render: Exposition["render"]): Promise<Response> {
  const { headers: wanted, method } = request;
  const { format, gzip } = negotiateExposition(wanted.get("accept"), wanted.get("accept-encoding"));
  const headers = new Headers({
    "content-type": CONTENT_TYPES[format],
    vary: "accept, accept-encoding",
  });
  if (gzip) headers.set("content-encoding", "gzip");
  if (method === "HEAD") return new Response(null, { headers });
  const plain = streamOf(render(format));
  return new Response(gzip ? plain.pipeThrough(new CompressionStream("gzip")) : plain, { headers });
}

/** A piece is made when somebody asks for it: whoever goes away has asked for the last. */
function streamOf(
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void, void>,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  return new ReadableStream<Uint8Array<ArrayBuffer>>(
    {
      async pull(controller) {
        const next = await pieces.next();
        if (next.done === true) controller.close();
        else controller.enqueue(next.value);
      },
    },
    { highWaterMark: 0 },
  );
}
