/** An API on a fake world, and shorthands for calling it. */
import { MemoryConfigStore, type ConfigStore } from "../store/mod.ts";
import { createApi, type Api, type ApiDeps, type ApiOptions } from "./mod.ts";
import { fakeClock, FakeMonitor, FakeTimers } from "./_test_world.ts";

export interface TestApi {
  readonly api: Api;
  readonly monitor: FakeMonitor;
  readonly store: ConfigStore;
  readonly timers: FakeTimers;
  /** What was reported as a defect. */
  readonly bugs: unknown[];
  readonly call: (method: string, path: string, init?: RequestInit) => Promise<Response>;
  /** A write with a JSON body. */
  readonly send: (
    method: string,
    path: string,
    body: unknown,
    headers?: HeadersInit,
  ) => Promise<Response>;
}

/** Few enough to be reached in a test. */
export const MAX_STORED_TARGETS = 1_000;

export const ORIGIN = "http://127.0.0.1:8000";

export function makeApi(deps: Partial<ApiDeps> = {}, options: ApiOptions = {}): TestApi {
  const monitor = new FakeMonitor();
  const store = new MemoryConfigStore({ maxTargets: MAX_STORED_TARGETS });
  const timers = new FakeTimers();
  const bugs: unknown[] = [];
  const api = createApi(
    {
      store,
      monitor,
      exposition: { respond: async () => new Response("phi_build_info 1\n") },
      checkTarget: () => ({ ok: true }),
      clock: fakeClock,
      timers,
      version: "1.2.3",
      reportBug: (error) => bugs.push(error),
      ...deps,
    },
    options,
  );
  const call = (method: string, path: string, init: RequestInit = {}) =>
    api.fetch(new Request(ORIGIN + path, { method, ...init }));
  return {
    api,
    monitor: deps.monitor instanceof FakeMonitor ? deps.monitor : monitor,
    store: deps.store ?? store,
    timers: deps.timers instanceof FakeTimers ? deps.timers : timers,
    bugs,
    call,
    send: (method, path, body, headers = {}) =>
      call(method, path, {
        body: JSON.stringify(body),
        headers: {
          "content-type": "application/json",
          ...Object.fromEntries(new Headers(headers)),
        },
      }),
  };
}

export interface ProblemDocument {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  readonly errors?: readonly { readonly pointer: string; readonly detail: string }[];
}

/** The problem document of a refusal; throws if the response is not one. */
export async function readProblem(response: Response): Promise<ProblemDocument> {
  const type = response.headers.get("content-type");
  if (type !== "application/problem+json") throw new Error(`not a problem document: ${type}`);
  const document: ProblemDocument = await response.json();
  if (document.status !== response.status) throw new Error("the document's status differs");
  return document;
}
