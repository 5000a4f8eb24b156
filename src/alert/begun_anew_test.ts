/** Monitors that were restarted and remember nothing of the targets, while the record has for open what was told. */
import { describe, expect, test } from "bun:test";
import type { CombinedVerdict } from "../verdict/mod.ts";
import { TestHouse, WEBHOOK } from "./_test_house.ts";

const CONFIG = { receivers: [{ ...WEBHOOK, groupWaitMillis: 0 }] };

/** A down was told, and then all are restarted, and hold nothing of the target. */
async function begunAnew(ids: readonly string[]): Promise<TestHouse> {
  const house = new TestHouse({ ids, config: CONFIG });
  await house.ready();
  house.say("a", "down");
  await house.pass(2_000);
  for (const sentry of house.sentries) sentry.crash();
  house.say("a", "unknown");
  for (const sentry of house.sentries) sentry.restart();
  await house.ready();
  expect(house.told).toEqual(["firing a"]);
  return house;
}

async function become(house: TestHouse, verdict: CombinedVerdict, ms: number): Promise<void> {
  house.say("a", verdict);
  await house.pass(ms);
}

describe.each([[["a"]], [["a", "b", "c"]]])(
  "monitors %p that were restarted and begin anew",
  (ids) => {
    test("tell no end of what is down, and no second beginning", async () => {
      const house = await begunAnew(ids);
      for (const verdict of ["suspect", "partial", "suspect", "down"] as const) {
        await become(house, verdict, 1_200);
      }
      await house.pass(5_000);
      expect(house.told).toEqual(["firing a"]);
      // From now on they have seen it themselves.
      await become(house, "suspect", 1_000);
      expect(house.told).toEqual(["firing a", "resolved a"]);
    });

    test("tell its end once it is up", async () => {
      const house = await begunAnew(ids);
      await become(house, "suspect", 70_000);
      expect(house.told).toEqual(["firing a"]);
      await become(house, "up", 1_000);
      expect(house.told).toEqual(["firing a", "resolved a"]);
    });

    test("tell its end once it is up, whatever comes at once after that", async () => {
      const house = await begunAnew(ids);
      await become(house, "suspect", 1_000);
      house.say("a", "up");
      await become(house, "suspect", 1_000);
      expect(house.told).toEqual(["firing a", "resolved a"]);
    });

    test("tell its end if it stays partial", async () => {
      const house = await begunAnew(ids);
      await become(house, "suspect", 1_000);
      await become(house, "partial", 58_000);
      expect(house.told).toEqual(["firing a"]);
      await house.pass(2_000);
      expect(house.told).toEqual(["firing a", "resolved a"]);
    });
  },
);
