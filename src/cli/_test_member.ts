/** A member's API without a socket, for tests of the commands that talk to one, and a terminal to read. */
import { makeMonitorReading } from "../../test/kit/watch_reading.ts";
import type { AlertsReading } from "../alert/mod.ts";
import { createApi, type ApiOptions } from "../api/mod.ts";
import { encodeConfigJson, decodeConfig, type Target } from "../config/mod.ts";
import type { WatchReading } from "../monitor/mod.ts";
import { MemoryConfigStore, type ConfigStore } from "../store/mod.ts";
import type { Output } from "./output.ts";

const URL_1 = "http://10.1.0.101:8080/heartbeat";

export interface TestMember {
  readonly store: ConfigStore;
  /** What came, as `METHOD PATH`. */
  readonly requests: Request[];
  readonly fetch: (request: Request) => Promise<Response>;
}

export function makeMember(
  options: ApiOptions = {},
  store: ConfigStore = new MemoryConfigStore(),
  watches: readonly WatchReading[] = [],
  alerts?: AlertsReading,
) {
  const api = createApi(
    {
      store,
      ...(alerts && { alerts }),
      monitor: makeMonitorReading(watches),
      exposition: { respond: async () => new Response() },
      checkTarget: ({ url }) =>
        url.includes("169.254.") ? { ok: false, detail: "is link-local" } : { ok: true },
      clock: { monotonicMs: () => 0, wallMs: () => 0 },
      timers: { after: () => () => {}, yieldToLoop: () => Promise.resolve() },
      version: "1.2.3",
    },
    options,
  );
  const requests: Request[] = [];
  const fetch = (request: Request): Promise<Response> => {
    requests.push(request);
    return api.fetch(request);
  };
  return { store, requests, fetch };
}

/** Targets by name, each with what is said of it. */
export function targetsOf(parts: Readonly<Record<string, object>>): readonly Target[] {
  const servers = Object.entries(parts).map(([name, part]) => ({ name, url: URL_1, ...part }));
  const decoded = decodeConfig({ servers });
  if (!decoded.ok) throw new Error(decoded.errors.map(({ message }) => message).join());
  return decoded.targets;
}

/** A file of them. */
export function bytesOf(parts: Readonly<Record<string, object>>): Uint8Array {
  return new TextEncoder().encode(encodeConfigJson(targetsOf(parts)));
}

export interface TestTerminal extends Output {
  readonly stdout: string[];
  readonly stderr: string[];
}

export function makeTerminal(): TestTerminal {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  return {
    stdout,
    stderr,
    data: (line) => void stdout.push(line),
    say: (line) => void stderr.push(line),
  };
}

/** The names that a store has, in its order. */
export function namesIn(store: ConfigStore): string[] {
  return [...store.readLocal().targets.keys()];
}

/** What nobody listens on. */
export function connectionRefused(): Promise<never> {
  return Promise.reject(Object.assign(new Error("refused"), { code: "ConnectionRefused" }));
}
