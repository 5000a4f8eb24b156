/** What is done to the house while it is watched: again and again, each thing in turn, and each taken back. */
import type { House } from "./house.ts";
import { pause } from "./pause.ts";
import type { SoakRecord, TroubleRecord } from "./record.ts";

export interface Trouble {
  readonly what: string;
  readonly lastsMs: number;
  /** The place of the monitor that does not run meanwhile. */
  readonly stops?: number;
  begin(house: Troubled): Promise<void>;
  /** Also takes back what has only half begun. */
  end(house: Troubled): Promise<void>;
}

type Troubled = Pick<House, "monitors" | "serverUrls">;

const CALM_MS = 40_000;
const ORDER_WITHIN_MS = 5_000;

async function order(house: Troubled, share: number, settings: object): Promise<void> {
  const urls = house.serverUrls.slice(0, Math.ceil(house.serverUrls.length * share));
  const init = {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settings),
  };
  const all = urls.map(async (url) => {
    const signal = AbortSignal.timeout(ORDER_WITHIN_MS);
    const { status } = await fetch(`${url}/control`, { ...init, signal });
    if (status !== 200) throw new Error(`${url} refused an order: ${status}`);
  });
  // An order that was only late must not come after the one that takes it back.
  const results = await Promise.allSettled(all);
  const failed = results.find(({ status }) => status === "rejected");
  if (failed?.status === "rejected") throw failed.reason;
}

const servers = (what: string, share: number, settings: object, undo: object): Trouble => ({
  what,
  lastsMs: 20_000,
  begin: (house) => order(house, share, settings),
  end: (house) => order(house, share, undo),
});

/** Signals reach a process at once. */
const signalTo = (place: number, name: NodeJS.Signals) => (house: Troubled) =>
  Promise.resolve(house.monitors[place]!.signal(name));

export const TROUBLES: readonly Trouble[] = [
  servers("a tenth of the servers do not answer", 0.1, { dropRate: 1 }, { dropRate: 0 }),
  {
    what: "a monitor does not run",
    lastsMs: 15_000,
    stops: 2,
    begin: signalTo(2, "SIGSTOP"),
    end: signalTo(2, "SIGCONT"),
  },
  servers("a fifth of the servers fail at random", 0.2, { errorRate: 0.5 }, { errorRate: 0 }),
  servers("all servers are slow", 1, { delay: 0.3, jitter: 0.3 }, { delay: 0, jitter: 0 }),
];

/**
 * In place of the first of them: what a monitor keeps of a target that was down is made once, and is no growth later. Left to chance it
 * would come little by little, over half an hour.
 */
const FIRST_OF_ALL = servers("no server answers", 1, { dropRate: 1 }, { dropRate: 0 });

/** Of a soak's turns, from 0. */
export function troubleOf(turn: number): Trouble {
  return turn === 0 ? FIRST_OF_ALL : TROUBLES[turn % TROUBLES.length]!;
}

/** Each comes after a calm; none begins that could not end in time. What fails of one is written down, and the next has its turn. */
export async function makeTroubles(
  house: Troubled,
  record: SoakRecord,
  nowMs: () => number,
  over: AbortSignal,
): Promise<void> {
  const durationMs = record.minutes * 60_000;
  for (let turn = 0; !over.aborted; turn++) {
    const trouble = troubleOf(turn);
    if (nowMs() + CALM_MS + trouble.lastsMs > durationMs) break;
    await pause(CALM_MS, over);
    if (over.aborted) return;
    record.troubles.push(await makeTrouble(trouble, house, nowMs, over));
  }
  await pause(Math.max(0, durationMs - nowMs()), over);
}

/** Once `over` is aborted it lasts no longer, but is taken back all the same. */
export async function makeTrouble(
  trouble: Trouble,
  house: Troubled,
  nowMs: () => number,
  over: AbortSignal,
): Promise<TroubleRecord> {
  const failures: string[] = [];
  const attempt = async (step: "begin" | "end") => {
    try {
      await trouble[step](house);
    } catch (error) {
      const failure = `it did not ${step}: ${error instanceof Error ? error.message : String(error)}`;
      console.error(`soak: ${trouble.what}: ${failure}`);
      failures.push(failure);
    }
  };
  const fromMs = nowMs();
  await attempt("begin");
  await pause(trouble.lastsMs, over);
  await attempt("end");
  const stopped = trouble.stops === undefined ? undefined : house.monitors[trouble.stops]!.id;
  return {
    what: trouble.what,
    fromMs,
    untilMs: nowMs(),
    ...(stopped !== undefined && { stopped }),
    failures,
  };
}
