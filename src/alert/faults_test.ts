/**
 * Whatever happens in whatever order (targets die and come back, monitors die, are cut off and come back,
 * receivers fail and come back, somebody asks for silence): once all is well again everybody has been told of
 * what there was, in order, and of nothing twice but under the same key.
 */
import { expect, test } from "bun:test";
import * as fc from "fast-check";
import type { AlertReceiver } from "../config/mod.ts";
import type { Incident } from "../store/mod.ts";
import { TestHouse, type Answer } from "./_test_house.ts";

const CONFIG = {
  rules: [{ verdict: "down" }, { verdict: "partial", forMillis: 2_000 }],
  receivers: [
    {
      name: "chat",
      webhook: "http://chat/hook",
      secretFile: "/secret",
      groupWaitMillis: 500,
      rate: { notices: 3, perMillis: 10_000 },
    },
    { name: "slow", webhook: "http://slow/hook", secretFile: "/secret", verdicts: ["down"] },
  ],
};

type Event = (house: TestHouse) => void;

const anyTarget = fc.constantFrom("a", "b", "c");
const anyMonitor = fc.constantFrom(0, 1, 2);

const anyEvent: fc.Arbitrary<readonly [name: string, event: Event]> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc
      .tuple(anyTarget, fc.constantFrom("up", "down", "partial", "unknown", "suspect"))
      .map(([target, verdict]) =>
        named(`${target} ${verdict}`, (house) => house.say(target, verdict)),
      ),
  },
  anyMonitor.map((place) =>
    named(`crash ${place}`, ({ sentries }) => {
      const isUp = ({ store }: (typeof sentries)[number]) => store.member !== undefined;
      const sentry = sentries[place]!;
      // More than that could not go on at all.
      if (isUp(sentry) && sentries.filter(isUp).length === 3) sentry.crash();
    }),
  ),
  fc.constant(
    named("restart", ({ sentries }) => {
      sentries.find(({ store }) => store.member === undefined)?.restart();
    }),
  ),
  anyMonitor.map((place) =>
    named(`cut off ${place}`, ({ cluster, sentries }) => cluster.isolate(sentries[place]!.store)),
  ),
  fc.constant(named("heal", ({ cluster }) => cluster.heal())),
  fc
    .tuple(
      fc.constantFrom("chat", "slow"),
      fc.constantFrom<Extract<Answer, number | string>[]>(200, 500, 404, "hangs", "unreachable"),
    )
    .map(([host, answer]) =>
      named(`${host} ${answer}`, ({ answers }) => void answers.set(host, answer)),
    ),
);

function named(name: string, event: Event): readonly [string, Event] {
  return [name, event];
}

async function run(events: readonly (readonly [string, Event, number])[]): Promise<TestHouse> {
  const house = new TestHouse({ config: CONFIG });
  await house.ready();
  for (const [, event, waitMs] of events) {
    event(house);
    await house.pass(waitMs);
  }
  house.answers.clear();
  house.cluster.heal();
  for (const sentry of house.sentries) if (sentry.store.member === undefined) sentry.restart();
  for (const target of house.targets.keys()) house.say(target, "up");
  await house.until("all to be told and forgotten", () => {
    const { leader } = house;
    return leader !== undefined && leader.store.alertRecord.readLocal().incidents.size === 0;
  });
  return house;
}

/** Of each incident and receiver: what it was told, repetitions left out. */
function stories(house: TestHouse): ReadonlyMap<string, string> {
  const seen = new Set<string>();
  const told = new Map<string, string>();
  for (const { key, receiver, alerts } of house.notices) {
    if (seen.has(key)) continue;
    seen.add(key);
    for (const alert of alerts) {
      const of = `${receiver} ${alert.key}`;
      told.set(
        of,
        `${told.get(of) ?? ""}${alert.status}${alert.wasTold === false ? " late" : ""} `,
      );
    }
  }
  return told;
}

/** Whether the receiver has to hear of it; what is over within the group's wait is not said. */
function isNews(receiver: AlertReceiver, { verdict, openedWallMs, closing }: Incident): boolean {
  const waitMs = receiver.kind === "webhook" ? receiver.groupWaitMillis : 0;
  const isLong = closing !== undefined && closing.wallMs - openedWallMs > waitMs;
  return isLong && receiver.verdicts.some((each) => each === verdict);
}

test("nothing is lost, nothing is told twice but under its key, and ends come after beginnings", async () => {
  const step = fc
    .tuple(anyEvent, fc.integer({ min: 0, max: 3_000 }))
    .map(([[name, event], waitMs]) => [name, event, waitMs] as const);
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (events) => {
      const house = await run(events);
      house.checkKeys();
      const told = stories(house);
      for (const story of told.values()) {
        expect(["firing resolved ", "resolved late "]).toContain(story);
      }
      for (const receiver of house.config.receivers) {
        for (const incident of house.seen.values()) {
          if (!isNews(receiver, incident)) continue;
          expect([...told.keys()]).toContain(`${receiver.name} c1-${incident.number}`);
        }
      }
      for (const { store } of house.sentries) {
        expect(store.alertRecord.readLocal().droppedCount).toBe(0);
      }
    }),
    { numRuns: 40 },
  );
});
