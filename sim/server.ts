/**
 * A simulated server, for the demo and for tests: `GET /heartbeat` answers as `POST /control` last
 * told it to, late, wrongly or not at all. It is a handler of requests without a socket; time and
 * chance are handed in, so that a test owns both. A request without an answer is held, and let go
 * when its client goes away or the server closes.
 */
import { Elysia } from "elysia";
import type { Random, Timers } from "../src/port.ts";
import { applyControl, type ControlError, HEALTHY } from "./control.ts";

export interface SimServer {
  fetch(request: Request): Promise<Response>;
  /** Lets go of every request that is held. */
  close(): void;
}

export interface SimGrants {
  readonly random: Random;
  readonly timers: Timers;
}

const ROUTES = "GET /heartbeat, GET /control and POST /control";

export function createSimServer({ random, timers }: SimGrants): SimServer {
  const held = new HeldRequests();
  let settings = HEALTHY;

  async function heartbeat(signal: AbortSignal): Promise<Response> {
    // Always three draws, so that a seed tells the same story whatever the settings were before.
    const [dropDraw, jitterDraw, errorDraw] = [random(), random(), random()];
    const { delay, jitter, dropRate } = settings;
    if (dropDraw < dropRate) {
      await held.hold(signal, () => () => {});
      return noAnswer();
    }
    const waitMs = (delay + jitter * jitterDraw) * 1_000;
    const isDue = waitMs === 0 || (await held.hold(signal, (go) => timers.after(waitMs, go)));
    if (!isDue || (settings.paused && !(await held.holdWhilePaused(signal)))) return noAnswer();
    return answer(errorDraw < settings.errorRate ? 500 : settings.status);
  }

  async function control(request: Request): Promise<Response> {
    const result = applyControl(settings, await request.text());
    if (!result.ok) return problem(result.status, "The settings were not changed", result.errors);
    settings = result.settings;
    if (!settings.paused) held.resume();
    return json(200, settings);
  }

  // Left to its default, Elysia takes the path to begin no sooner than in http://ab.cd/, and so
  // finds no route under a short host name.
  const app = new Elysia({ handler: { standardHostname: false } })
    .get("/heartbeat", ({ request }) => heartbeat(request.signal))
    .head("/heartbeat", ({ request }) => heartbeat(request.signal))
    .get("/control", () => json(200, settings))
    .post("/control", ({ request }) => control(request), { parse: "none" })
    .onError(({ request, code }) => {
      if (code !== "NOT_FOUND") return problem(500, "Something went wrong inside this server", []);
      const asked = `${request.method} ${new URL(request.url).pathname}`;
      const detail = `There is no ${asked} here; there are ${ROUTES}`;
      return problem(404, "There is no such route", [{ pointer: "", detail }]);
    });

  return { fetch: async (request) => app.handle(request), close: () => held.release() };
}

/** The requests that wait for something. */
class HeldRequests {
  /** Ends a wait, for each request that waits. */
  readonly #all = new Set<(isAnswered: boolean) => void>();
  /** Lets a request go on, for each of those that wait for the end of a pause. */
  readonly #paused = new Set<() => void>();

  /**
   * Waits for whatever `start` begins, which gets a function to call when it is time, and returns
   * one that cancels. False if the client went away first, or the server closed.
   */
  hold(signal: AbortSignal, start: (go: () => void) => () => void): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const onAbort = () => finish(false);
      const finish = (isAnswered: boolean) => {
        cancel();
        signal.removeEventListener("abort", onAbort);
        this.#all.delete(finish);
        resolve(isAnswered);
      };
      const cancel = start(() => finish(true));
      signal.addEventListener("abort", onAbort);
      this.#all.add(finish);
    });
  }

  holdWhilePaused(signal: AbortSignal): Promise<boolean> {
    return this.hold(signal, (go) => {
      this.#paused.add(go);
      return () => this.#paused.delete(go);
    });
  }

  resume(): void {
    for (const go of this.#paused) go();
  }

  release(): void {
    for (const finish of this.#all) finish(false);
  }
}

/** These may have no body (RFC 9110, 15.3.5, 15.3.6 and 15.4.5). */
const BODILESS: readonly number[] = [204, 205, 304];

function answer(status: number): Response {
  const body = BODILESS.includes(status) ? null : status < 400 ? "ok\n" : "not ok\n";
  return new Response(body, { status });
}

/** For a request that nobody waits for any more. */
function noAnswer(): Response {
  return new Response(null, { status: 503 });
}

function problem(status: number, title: string, errors: readonly ControlError[]): Response {
  const detail = errors.map((error) => error.detail).join("; ") || title;
  const document = { type: "about:blank", title, status, detail, errors };
  return json(status, document, "application/problem+json");
}

function json(status: number, value: unknown, type = "application/json"): Response {
  return new Response(`${JSON.stringify(value)}\n`, { status, headers: { "content-type": type } });
}
