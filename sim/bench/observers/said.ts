/** What monitors say in `GET /events`: each change of a verdict, a monitor's own or that of all, with its time. */
import { EventStreamReader } from "../../chaos/event_stream.ts";
import type { Monitor } from "../cluster/monitors.ts";

export interface Said {
  readonly monitor: string;
  /** A monitor's own verdict, or what all observers hold together. */
  readonly by: "one" | "all";
  readonly target: string;
  readonly to: string;
  /** By the clock of this process. */
  readonly atMs: number;
}

export class Listener {
  readonly said: Said[] = [];
  readonly #end = new AbortController();
  readonly #loops: readonly Promise<void>[];

  /** Listens from now on. A monitor that is stopped is heard when it goes on. */
  constructor(monitors: readonly Monitor[]) {
    this.#loops = monitors.map((monitor) => this.#listen(monitor));
  }

  /** Whether each of the monitors has said so of the target. */
  isSaidByAll(monitors: readonly Monitor[], by: Said["by"], target: string, to: string): boolean {
    return monitors.every(({ id }) =>
      this.said.some((said) => said.monitor === id && isOf(said, by, target, to)),
    );
  }

  /** When each monitor said so first. */
  momentsOf(by: Said["by"], target: string, to: string): number[] {
    const first = new Map<string, number>();
    for (const said of this.said) {
      if (isOf(said, by, target, to) && !first.has(said.monitor))
        first.set(said.monitor, said.atMs);
    }
    return [...first.values()];
  }

  async stop(): Promise<void> {
    this.#end.abort();
    await Promise.all(this.#loops);
  }

  async #listen({ id, url }: Monitor): Promise<void> {
    const { signal } = this.#end;
    try {
      const response = await fetch(`${url}/events`, { signal });
      const reader = new EventStreamReader();
      const decoder = new TextDecoder();
      for await (const chunk of response.body!) {
        const atMs = performance.now();
        for (const { type, data } of reader.read(decoder.decode(chunk, { stream: true }))) {
          if (type !== "verdict" && type !== "combined") continue;
          const { target, to } = JSON.parse(data) as { target: string; to: string };
          this.said.push({ monitor: id, by: type === "verdict" ? "one" : "all", target, to, atMs });
        }
      }
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

function isOf(said: Said, by: Said["by"], target: string, to: string): boolean {
  return said.by === by && said.target === target && said.to === to;
}
