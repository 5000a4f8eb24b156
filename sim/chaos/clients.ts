/**
 * Clients that read and write the config while a scenario runs, and record each operation. A client has
 * a monitor of its own that it asks first; when that one has no definite answer it asks the next, under
 * the same idempotency key, so that a write is made once however often it is asked for.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Member } from "./cluster.ts";
import {
  ask,
  type Answer,
  getAllOutcome,
  getOutcome,
  parseJson,
  VALUE_LABEL,
  writeOutcome,
} from "./monitor_api.ts";
import type { ConfigCall, ConfigOperation, ConfigOutcome } from "./operation.ts";
import { Random } from "../world/random.ts";

/** The targets that clients write, one register each. Nothing beats them and nobody expects it to. */
export const REGISTERS = Array.from({ length: 8 }, (_, index) => `register${index + 1}`);
/** What replaces of the whole config change, and nothing else does. */
export const WHOLE = "whole";

/** Milliseconds for one attempt: more than the 2 s in which a monitor without a quorum says so. */
const ATTEMPT_MS = 3_000;
/** Milliseconds from one answer to the client's next question. */
const PACE_MS = 20;
/** One more round of all monitors does not help a cluster without a majority. */
const MAX_ATTEMPTS = 3;

export interface ClientsOptions {
  /** Those that are members now. Never empty. */
  readonly monitors: () => readonly Member[];
  /** Milliseconds since the run began. */
  readonly nowMs: () => number;
  /** What is asked and of whom depends on it; when, and so what comes of it, does not. */
  readonly seed: number;
  /** >= 1, for each monitor. */
  readonly clientsPerMonitor: number;
}

export class Clients {
  readonly operations: ConfigOperation[] = [];
  readonly #options: ClientsOptions;
  readonly #run: string = crypto.randomUUID();
  #isOver = false;
  #writes = 0;
  #loops: readonly Promise<void>[] = [];

  constructor(options: ClientsOptions) {
    this.#options = options;
  }

  start(): void {
    const { monitors, clientsPerMonitor, seed } = this.#options;
    this.#loops = monitors().flatMap((_, first) =>
      Array.from({ length: clientsPerMonitor }, (__, index) => {
        const name = `client${first * clientsPerMonitor + index + 1}`;
        return this.#work(name, first, new Random(seed, name));
      }),
    );
  }

  /** Returns once every operation has an outcome. */
  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#loops);
  }

  /** Reads every register and the whole config at every monitor, as the end of the history. */
  async readAtTheEnd(): Promise<void> {
    for (const [index, { name }] of this.#options.monitors().entries()) {
      for (const register of REGISTERS) {
        await this.#do(`end-${name}`, index, { kind: "get", name: register });
      }
      await this.#do(`end-${name}`, index, { kind: "readAll" });
    }
  }

  async #work(client: string, first: number, random: Random): Promise<void> {
    // What it read last, of each register.
    const seen = new Map<string, { readonly value: string; readonly revision: number }>();
    while (!this.#isOver) {
      const name = random.pick(REGISTERS);
      const call = this.#choose(client, name, seen.get(name), random);
      if (call === undefined) {
        await this.#replaceAll(client, first);
      } else {
        const { outcome } = await this.#do(client, first, call);
        if (outcome.kind === "found") seen.set(name, outcome);
      }
      await Bun.sleep(PACE_MS);
    }
  }

  /** Undefined for a replace of the whole config, which needs to be read first. */
  #choose(
    client: string,
    name: string,
    seen: { readonly value: string; readonly revision: number } | undefined,
    random: Random,
  ): ConfigCall | undefined {
    const draw = random.below(100);
    if (draw < 40) return { kind: "put", name, value: this.#newValue(client) };
    if (draw < 75) return { kind: "get", name };
    if (draw < 80) return { kind: "delete", name };
    if (draw < 90 && seen !== undefined) {
      const { value: expected, revision: ifRevision } = seen;
      return { kind: "compareAndSet", name, value: this.#newValue(client), expected, ifRevision };
    }
    return draw < 95 ? { kind: "readAll" } : undefined;
  }

  async #replaceAll(client: string, first: number): Promise<void> {
    const read: { text?: string } = {};
    const { outcome } = await this.#do(client, first, { kind: "readAll" }, read);
    if (outcome.kind !== "foundAll" || read.text === undefined) return;
    const value = this.#newValue(client);
    const call = { kind: "replaceAll", name: WHOLE, value, ifRevision: outcome.revision } as const;
    await this.#do(client, first, call, read);
  }

  #newValue(client: string): string {
    return `${client}-${++this.#writes}`;
  }

  /** `whole` is where the text of the whole config goes, or comes from. */
  async #do(
    process: string,
    first: number,
    call: ConfigCall,
    whole: { text?: string } = {},
  ): Promise<ConfigOperation> {
    const { monitors, nowMs } = this.#options;
    const key = crypto.randomUUID();
    const invokedAtMs = nowMs();
    let outcome: ConfigOutcome = { kind: "failed", detail: "" };
    let monitor = "";
    let attempts = 0;
    let mayHaveHadEffect = false;
    do {
      const members = monitors();
      const { name, url } = members[(first + attempts) % members.length]!;
      monitor = name;
      attempts++;
      outcome = await attempt(url, call, `${this.#run}-${key}`, whole);
      mayHaveHadEffect ||= outcome.kind === "unknown";
    } while (!isDefinite(outcome) && attempts < MAX_ATTEMPTS && !process.startsWith("end-"));
    // That one attempt failed says nothing about those before it.
    if (outcome.kind === "failed" && mayHaveHadEffect) outcome = { ...outcome, kind: "unknown" };
    const returnedAtMs = nowMs();
    const done = { process, call, invokedAtMs, returnedAtMs, outcome, monitor, attempts };
    this.operations.push(done);
    return done;
  }
}

function isDefinite({ kind }: ConfigOutcome): boolean {
  return kind !== "failed" && kind !== "unknown";
}

/** A target of the clients' with this value. */
export function registerTarget(name: string, value: string): object {
  return { name, url: "push:", intervalMillis: 86_400_000, labels: { [VALUE_LABEL]: value } };
}

async function attempt(
  url: string,
  call: ConfigCall,
  key: string,
  whole: { text?: string },
): Promise<ConfigOutcome> {
  switch (call.kind) {
    case "get":
      return getOutcome(await ask(`${url}/config/${call.name}`, ATTEMPT_MS));
    case "readAll": {
      const answer = await ask(`${url}/config`, ATTEMPT_MS);
      if (answer.ok) whole.text = answer.text;
      return getAllOutcome(answer);
    }
    case "put":
      return writeOutcome(await write("PUT", `${url}/config`, key, body(call)));
    case "compareAndSet":
      return writeOutcome(await write("PUT", `${url}/config`, key, body(call), call.ifRevision));
    case "delete":
      return writeOutcome(await write("DELETE", `${url}/config/${call.name}`, key));
    case "replaceAll": {
      const text = withWhole(whole.text ?? "", registerTarget(call.name, call.value));
      return writeOutcome(await write("POST", `${url}/config`, key, text, call.ifRevision));
    }
  }
}

function body({ name, value }: { readonly name: string; readonly value: string }): string {
  return JSON.stringify(registerTarget(name, value));
}

const Servers = Type.Object({ servers: Type.Array(Type.Object({ name: Type.String() })) });

/** The config with one target in place of the one of its name; all others stay as they are to the letter. */
function withWhole(text: string, target: object): string {
  const config = parseJson(text);
  const servers = Value.Check(Servers, config) ? config.servers : [];
  return JSON.stringify({ servers: [...servers.filter(({ name }) => name !== WHOLE), target] });
}

function write(
  method: string,
  url: string,
  key: string,
  text?: string,
  ifRevision?: number,
): Promise<Answer> {
  const headers: Record<string, string> = {
    "idempotency-key": key,
    ...(text === undefined ? {} : { "content-type": "application/json" }),
    ...(ifRevision === undefined ? {} : { "if-match": `"${ifRevision}"` }),
  };
  return ask(url, ATTEMPT_MS, { method, headers, ...(text === undefined ? {} : { body: text }) });
}
