/**
 * One question to the monitor: a path in, its answer or why there is none out. Each has a deadline, and each
 * tells the link whether the monitor is still there.
 */
import { tooLate } from "./deadline.ts";
import type { Link } from "./link.ts";
import { type MonitorClock, momentOfHttpDate } from "./moment.ts";
import type { LiveWorld } from "./world.ts";

/** Longer than any answer should take; short enough that a monitor which hangs is soon said to. */
const TIMEOUT_MS = 4_000;

export type Answer<Body> =
  | { readonly kind: "ok"; readonly body: Body }
  /** This monitor has no such thing: an older one, or an unknown target. */
  | { readonly kind: "absent" }
  | {
      readonly kind: "refused";
      readonly status: number;
      readonly detail: string;
      /** A monitor that watches says so, and not one that is about to start or something before it. */
      readonly isOfMonitor: boolean;
    }
  | { readonly kind: "silent" };

export interface Ask {
  /** Never rejects. `Body` is what the caller knows the path to answer. */
  <Body>(path: string): Promise<Answer<Body>>;
}

export function createAsk(world: LiveWorld, link: Link, monitorClock: MonitorClock): Ask {
  return async <Body>(path: string): Promise<Answer<Body>> => {
    const sentMs = world.clock.monotonicMs();
    const controller = new AbortController();
    const cancel = world.timers.after(TIMEOUT_MS, () => controller.abort(tooLate()));
    try {
      const response = await world.fetch(path, {
        headers: { accept: "application/json" },
        cache: "no-store",
        signal: controller.signal,
      });
      const text = await response.text();
      const answer = read<Body>(response.status, text);
      if (answer.kind === "refused" && !answer.isOfMonitor) link.missed(sentMs, answer.detail);
      else link.heard();
      monitorClock.check(momentOfHttpDate(response.headers.get("date")));
      return answer;
    } catch {
      const why = controller.signal.aborted ? "it does not answer" : "it cannot be reached";
      link.missed(sentMs, why);
      return { kind: "silent" };
    } finally {
      cancel();
    }
  };
}

function read<Body>(status: number, text: string): Answer<Body> {
  if (status === 404) return { kind: "absent" };
  try {
    const body: Body & Problem = JSON.parse(text);
    if (status >= 200 && status < 300) return { kind: "ok", body };
    const detail = typeof body.detail === "string" ? body.detail : `it answered ${status}`;
    return { kind: "refused", status, detail, isOfMonitor: isOfMonitor(status, body) };
  } catch {
    const detail = `it answered ${status}`;
    return { kind: "refused", status: Math.max(status, 500), detail, isOfMonitor: false };
  }
}

/** What may be read of a refusal, if it is one of the API's (RFC 9457). */
interface Problem {
  readonly type?: unknown;
  readonly detail?: unknown;
}

const PROBLEM_PREFIX = "urn:phi:problem:";
/** Of one that does not watch yet. */
const STARTING = `${PROBLEM_PREFIX}starting`;

/** One thing that a monitor lacks for now, such as a history that cannot be read, says nothing against the rest of it. */
function isOfMonitor(status: number, { type }: Problem): boolean {
  if (status < 500) return true;
  const isKnown = typeof type === "string" && type.startsWith(PROBLEM_PREFIX);
  return status === 503 && isKnown && type !== STARTING;
}
