/** What the one that leads writes next, against dumb looks at the record and the verdicts. */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { AlertMachine, type AlertCommand } from "../store/mod.ts";
import { alertsOf, WEBHOOK } from "./_test_house.ts";
import { nextCommand } from "./plan.ts";
import { ReceiverDesk } from "./receiver_desk.ts";
import { RecordAges } from "./record_ages.ts";
import { RecordLook } from "./record_look.ts";
import { Soonest } from "./soonest.ts";
import { VerdictWatch } from "./verdict_watch.ts";

const CONFIG = alertsOf({
  rules: [
    { verdict: "down", forMillis: 100, keepFiringMillis: 150 },
    { verdict: "partial", forMillis: 300, keepFiringMillis: 250 },
    { verdict: "suspect", forMillis: 50, keepFiringMillis: 0 },
  ],
  receivers: [{ ...WEBHOOK, groupWaitMillis: 0, rate: { notices: 1_000, perMillis: 1_000 } }],
});
const VERDICTS = ["unknown", "up", "suspect", "partial", "down"] as const;

/** A record that is written to without a log. */
class Desk {
  readonly machine = new AlertMachine();
  readonly verdicts = new VerdictWatch();
  readonly watched = new Set(["a", "b", "c"]);
  desks: readonly ReceiverDesk[] = CONFIG.receivers.map(
    (receiver) => new ReceiverDesk(receiver, 0),
  );
  readonly #ages = new RecordAges();
  nowMs = 0;
  again = new Soonest();
  commands: AlertCommand[] = [];

  say(target: string, to: (typeof VERDICTS)[number]): void {
    const change = {
      isNews: true,
      target,
      from: "up",
      to,
      dissenters: [],
      reason: "",
      atWallMs: this.nowMs,
    };
    this.verdicts.onChange(change as Parameters<VerdictWatch["onChange"]>[0], this.nowMs);
  }

  next(nowMs: number, again = new Soonest()): AlertCommand | undefined {
    const world = {
      config: CONFIG,
      desks: this.desks,
      verdicts: this.verdicts,
      labelsOf: (target: string) => (this.watched.has(target) ? {} : undefined),
    };
    const moment = { wallMs: nowMs, nowMs, ages: this.#ages };
    const look = new RecordLook(this.machine.readLocal(), moment);
    return nextCommand(world, look, nowMs, again);
  }

  /** Writes until there is nothing to write; each notice is taken at once. */
  settle(): void {
    this.again = new Soonest();
    for (let steps = 0; ; steps++) {
      if (steps > 100) throw new Error("it never ends");
      const contents = this.machine.readLocal();
      const [notice] = contents.notices.values();
      const command =
        notice === undefined
          ? this.next(this.nowMs, this.again)
          : {
              kind: "settle" as const,
              outcomes: [{ number: notice.number, isDelivered: true }],
            };
      if (command === undefined) return;
      this.commands.push(command);
      this.machine.replace(applied(this.machine, command));
      this.#ages.look(this.machine.readLocal(), this.nowMs);
    }
  }

  get open(): readonly string[] {
    return [...this.machine.readLocal().incidents.values()]
      .filter(({ closing }) => closing === undefined)
      .map(({ target, verdict }) => `${target} ${verdict}`)
      .toSorted();
  }
}

const RULES = Object.fromEntries(CONFIG.rules.map((rule) => [rule.verdict, rule]));

/** Of each target all verdicts that it ever had, and whether the last one is known. */
class Twin {
  readonly #runs = new Map<string, { verdict: string; sinceMs: number }[]>();
  readonly #unknown = new Set<string>();
  readonly open = new Set<string>();

  say(target: string, verdict: string, nowMs: number): void {
    const runs = this.#runs.get(target) ?? [];
    if (verdict === "unknown") {
      this.#unknown.add(target);
      return;
    }
    this.#unknown.delete(target);
    if (runs.at(-1)?.verdict !== verdict) runs.push({ verdict, sinceMs: nowMs });
    this.#runs.set(target, runs);
  }

  look(nowMs: number): void {
    for (const [target, runs] of this.#runs) {
      if (this.#unknown.has(target)) continue;
      this.#close(target, runs, nowMs);
      const { verdict, sinceMs } = runs.at(-1)!;
      const rule = RULES[verdict];
      if (rule !== undefined && nowMs - sinceMs >= rule.forMillis) {
        this.open.add(`${target} ${verdict}`);
      }
      this.#close(target, runs, nowMs);
    }
  }

  #close(
    target: string,
    runs: readonly { verdict: string; sinceMs: number }[],
    nowMs: number,
  ): void {
    const { verdict } = runs.at(-1)!;
    for (const told of ["suspect", "partial", "down"]) {
      if (told === verdict) continue;
      const isWorse =
        VERDICTS.findIndex((each) => each === verdict) >
        VERDICTS.findIndex((each) => each === told);
      if (isWorse && !this.open.has(`${target} ${verdict}`)) continue;
      const last = runs.findLastIndex((run) => run.verdict === told);
      const overSinceMs = runs[last + 1]!.sinceMs;
      if (nowMs - overSinceMs >= RULES[told]!.keepFiringMillis)
        this.open.delete(`${target} ${told}`);
    }
  }
}

test("after each step exactly what has lasted long enough is open and told, and what is over forgotten", () => {
  const anyStep = fc.record({
    target: fc.constantFrom("a", "b"),
    verdict: fc.constantFrom(...VERDICTS),
    waitMs: fc.integer({ min: 0, max: 300 }),
  });
  fc.assert(
    fc.property(fc.array(anyStep, { maxLength: 40 }), (steps) => {
      const desk = new Desk();
      const twin = new Twin();
      for (const { target, verdict, waitMs } of steps) {
        desk.say(target, verdict);
        twin.say(target, verdict, desk.nowMs);
        desk.nowMs += waitMs;
        desk.settle();
        twin.look(desk.nowMs);
        expect(desk.open).toEqual([...twin.open].toSorted());
        const { incidents, notices } = desk.machine.readLocal();
        for (const { closing, told } of incidents.values()) {
          expect([closing, told.get("chat")]).toEqual([undefined, "firing"]);
        }
        expect(notices.size).toBe(0);
        // Nothing is missed by not looking before it is said to be worth it.
        const { ms } = desk.again;
        const idleMs = Number.isFinite(ms) ? ms - 1 : desk.nowMs + 10_000;
        expect(desk.next(idleMs)).toBeUndefined();
      }
    }),
    { numRuns: 400 },
  );
});

test("what was told to a receiver that is not known any more is kept for five minutes after its end", () => {
  const desk = new Desk();
  desk.say("a", "down");
  desk.nowMs = 100;
  desk.settle();
  expect(desk.open).toEqual(["a down"]);
  desk.desks = [];
  desk.say("a", "up");
  desk.nowMs = 250;
  desk.settle();
  expect(desk.open).toEqual([]);
  expect(desk.again.ms).toBe(300_250);
  for (const [nowMs, size] of [
    [300_249, 1],
    [300_250, 0],
  ] as const) {
    desk.nowMs = nowMs;
    desk.settle();
    expect(desk.machine.readLocal().incidents.size).toBe(size);
  }
});

test("a command holds no more than some hundreds, and the rest follows", () => {
  const desk = new Desk();
  for (let count = 0; count < 1_200; count++) {
    desk.watched.add(`t${count}`);
    desk.say(`t${count}`, "down");
  }
  desk.nowMs = 1_000;
  desk.settle();
  const sizes = desk.commands.flatMap((command) =>
    command.kind === "open" ? [command.incidents.length] : [],
  );
  expect(sizes).toEqual([250, 250, 250, 250, 200]);
  const noticed = desk.commands.flatMap((command) =>
    command.kind === "notify" ? [command.notices[0]!.firing.length] : [],
  );
  expect(noticed).toEqual([1_000, 200]);
});

function applied(machine: AlertMachine, command: AlertCommand) {
  const bytes = new TextEncoder().encode(` ${JSON.stringify({ part: "alerts", ...command })}`);
  bytes[0] = 2;
  const result = machine.apply({ index: 1, data: bytes });
  if (!result.ok) throw new Error(result.error);
  return machine.readLocal();
}
