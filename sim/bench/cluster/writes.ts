/** A client that changes one target's config for as long as it takes, each request within a bound. */
import type { Monitor } from "./monitors.ts";

/** What is written may not be probed: only its config counts. */
const BODY = JSON.stringify({ name: "written", url: "push:" });
/** A request that is not answered by then is given up, and the next monitor asked. */
const GIVE_UP_MS = 500;
/** After an answer that says no; one without a leader says so only after it has waited for one. */
const PAUSE_MS = 5;

export interface Write {
  readonly beganMs: number;
  readonly endedMs: number;
}

/** One `PUT /config`; undefined if it was not accepted in time. */
export async function write({ url }: Monitor): Promise<Write | undefined> {
  const beganMs = performance.now();
  try {
    const response = await fetch(`${url}/config`, {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: BODY,
      signal: AbortSignal.timeout(GIVE_UP_MS),
    });
    await response.arrayBuffer();
    return response.ok ? { beganMs, endedMs: performance.now() } : undefined;
  } catch {
    return undefined;
  }
}

/** Asks the monitors in turn until one accepts a write. */
export async function writeByTurns(monitors: readonly Monitor[]): Promise<Write> {
  for (let turn = 0; ; turn++) {
    const written = await write(monitors[turn % monitors.length]!);
    if (written !== undefined) return written;
    await Bun.sleep(PAUSE_MS);
  }
}

/** A closed loop through one monitor: a write that is not accepted is repeated, and is one write still. */
export async function keepWriting(monitor: Monitor, isOver: () => boolean): Promise<Write[]> {
  const writes: Write[] = [];
  while (!isOver()) {
    const beganMs = performance.now();
    const { endedMs } = await writeByTurns([monitor]);
    writes.push({ beganMs, endedMs });
  }
  return writes;
}
