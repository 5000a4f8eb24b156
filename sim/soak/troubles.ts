/** What is done to the house while it is watched: again and again, each thing in turn, and each taken back. */
import type { Monitor } from "../bench/cluster/monitors.ts";

export interface SoakHouse {
  readonly monitors: readonly Monitor[];
  /** Of the simulated servers, each of which stands for many targets. */
  readonly serverUrls: readonly string[];
}

export interface Trouble {
  readonly what: string;
  readonly lastsMs: number;
  /** What it gives takes it back. */
  begin(house: SoakHouse): Promise<() => Promise<void>>;
}

async function control(url: string, settings: object): Promise<void> {
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  };
  const { status } = await fetch(`${url}/control`, init);
  if (status !== 200) throw new Error(`${url} refused an order: ${status}`);
}

const servers = (what: string, share: number, settings: object, undo: object): Trouble => ({
  what,
  lastsMs: 20_000,
  async begin({ serverUrls }) {
    const some = serverUrls.slice(0, Math.ceil(serverUrls.length * share));
    await Promise.all(some.map((url) => control(url, settings)));
    return async () => void (await Promise.all(some.map((url) => control(url, undo))));
  },
});

export const TROUBLES: readonly Trouble[] = [
  servers("a tenth of the servers do not answer", 0.1, { dropRate: 1 }, { dropRate: 0 }),
  {
    what: "a monitor does not run",
    lastsMs: 15_000,
    begin({ monitors }) {
      const monitor = monitors.at(-1)!;
      monitor.signal("SIGSTOP");
      return Promise.resolve(() => Promise.resolve(monitor.signal("SIGCONT")));
    },
  },
  servers("a fifth of the servers fail at random", 0.2, { errorRate: 0.5 }, { errorRate: 0 }),
  servers("all servers are slow", 1, { delay: 0.3, jitter: 0.3 }, { delay: 0, jitter: 0 }),
];
