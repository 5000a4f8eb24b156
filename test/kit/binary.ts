/**
 * Runs the compiled binary for end-to-end tests: starts it, reads what it says, waits for lines, ends
 * it. Everything started here is ended by `stopAll`, whatever the test did.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { freePorts } from "../../sim/free_ports.ts";

export const PROJECT = fileURLToPath(new URL("../../", import.meta.url));
export const BINARY = `${PROJECT}dist/phi`;

if (!existsSync(BINARY)) {
  throw new Error("dist/phi is not there: `make test` builds it, or `make build`");
}

const WAIT_MS = 20_000;
const POLL_MS = 20;

export interface Running {
  readonly pid: number;
  readonly exited: Promise<number>;
  /** Resolves once all that it wrote is here. */
  readonly drained: Promise<unknown>;
  /** What it wrote so far. */
  stdout(): string;
  stderr(): string;
  signal(name: NodeJS.Signals): void;
}

const started = new Set<Running>();

export function start(
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly command?: readonly string[] } = {},
): Running {
  const [command, ...first] = options.command ?? [BINARY];
  const child = Bun.spawn([command!, ...first, ...args], {
    cwd: PROJECT,
    env: { ...process.env, NO_COLOR: "1", ...apart(), ...options.env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  const running: Running = {
    pid: child.pid,
    exited: child.exited.finally(() => started.delete(running)),
    drained: Promise.all([stdout.ended, stderr.ended]),
    stdout: stdout.text,
    stderr: stderr.text,
    signal: (name) => child.kill(name),
  };
  started.add(running);
  return running;
}

/** A monitor that is told nothing else has its data, and its place for peers, for itself. */
function apart(): Record<string, string> {
  return { DATA_DIR: temporaryDirectory(), RAFT_BIND: `127.0.0.1:${freePorts(1)[0]}` };
}

/** Runs to the end. */
export async function run(
  args: readonly string[],
  options: { readonly env?: Record<string, string>; readonly command?: readonly string[] } = {},
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const running = start(args, options);
  const code = await running.exited;
  await running.drained;
  return { code, stdout: running.stdout(), stderr: running.stderr() };
}

export async function stopAll(): Promise<void> {
  const all = [...started];
  for (const running of all) running.signal("SIGKILL");
  await Promise.all(all.map((running) => running.exited));
  for (const directory of directories.splice(0))
    rmSync(directory, { recursive: true, force: true });
}

const directories: string[] = [];

/** An empty directory, which `stopAll` takes away. */
export function temporaryDirectory(): string {
  const directory = mkdtempSync(join(tmpdir(), "phi-test-"));
  directories.push(directory);
  return directory;
}

/**
 * Polls until `look` gives something; an error that names `what` after `withinMs`, or as soon as `from`, the
 * process that it should come from, has ended.
 */
export async function until<Found>(
  what: string,
  look: () => Found | undefined | Promise<Found | undefined>,
  from?: Running,
  withinMs = WAIT_MS,
): Promise<Found> {
  const deadlineMs = performance.now() + withinMs;
  while (performance.now() < deadlineMs) {
    if (from !== undefined && !started.has(from)) break;
    // One look after the other.
    const found = await look();
    if (found !== undefined) return found;
    await Bun.sleep(POLL_MS);
  }
  const said = from === undefined ? "" : `; it said:\n${from.stdout()}\n${from.stderr()}`;
  throw new Error(`waited in vain for ${what}${said}`);
}

/** A monitor on free ports, once it listens. */
export async function startMonitor(
  args: readonly string[],
): Promise<Running & { readonly url: string; readonly metricsUrl: string }> {
  const running = start([
    "monitor",
    "--http-bind=127.0.0.1:0",
    "--metrics-bind=127.0.0.1:0",
    ...args,
  ]);
  const url = (what: string) =>
    until(
      `the monitor to say where its ${what} is`,
      () => new RegExp(`${what} on (https?://\\S+)`, "u").exec(running.stderr())?.[1],
      running,
    );
  return { ...running, url: await url("HTTP"), metricsUrl: await url("metrics") };
}

/** Simulated servers on free ports. */
export async function startServers(
  count: number,
): Promise<{ readonly running: Running; readonly ports: number[] }> {
  const ports = freePorts(count);
  const running = start(["sim", "--port", ports.join(",")]);
  for (const port of ports) {
    await until(
      `a simulated server on ${port}`,
      () => answers(`http://127.0.0.1:${port}/control`),
      running,
    );
  }
  return { running, ports };
}

export async function control(port: number, settings: Record<string, unknown>): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/control`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  });
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`);
}

export async function answers(url: string): Promise<true | undefined> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok ? true : undefined;
  } catch {
    return undefined;
  }
}

function collect(stream: ReadableStream<Uint8Array>): {
  readonly text: () => string;
  readonly ended: Promise<void>;
} {
  let text = "";
  const decoder = new TextDecoder();
  const read = async () => {
    for await (const chunk of stream) text += decoder.decode(chunk, { stream: true });
  };
  return { text: () => text, ended: read() };
}
