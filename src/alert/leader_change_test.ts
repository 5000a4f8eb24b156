/**
 * The one that sends dies, at every point where it can: before or after each write of the record and each
 * request. Whoever leads next goes on: nobody is left untold, and whatever is told again is the same under the
 * same key.
 */
import { describe, expect, test } from "bun:test";
import { TestHouse, type Sentry } from "./_test_house.ts";

const CONFIG = {
  receivers: [
    { name: "chat", webhook: "http://chat/hook", secretFile: "/secret", groupWaitMillis: 1_000 },
    { name: "am", alertmanager: ["http://am"], repeatMillis: 60_000 },
  ],
};

/**
 * Two targets die, one of them comes back, and whoever leads at that moment dies at its `dyingPoint`th point.
 * Says whether there was such a point.
 */
async function story(dyingPoint: number, isRestarted: boolean): Promise<boolean> {
  const house = new TestHouse({ config: CONFIG });
  const first = await house.ready();
  for (const target of ["a", "b"]) house.say(target, "up");
  let points = 0;
  let died: Sentry | undefined;
  house.onPoint = (sentry) => {
    if (sentry !== first || points++ !== dyingPoint) return;
    died = first;
    first.crash();
  };
  await house.pass(100);
  house.say("a", "down");
  house.say("b", "down");
  await house.pass(4_000);
  if (died !== undefined && isRestarted) first.restart();
  await house.pass(4_000);
  house.say("a", "up");
  await house.pass(15_000);
  checkTold(house);
  return died !== undefined;
}

function checkTold(house: TestHouse): void {
  // Repeated or not, each is first told to have begun, and then that it ended, and b goes on.
  const { told } = house;
  expect(told).toContain("firing a");
  expect(told).toContain("firing b");
  expect(told).toContain("resolved a");
  expect(told).not.toContain("resolved b");
  expect(told.lastIndexOf("firing a")).toBeLessThan(told.indexOf("resolved a"));
  house.checkKeys();
  const statuses = house.alertmanagerAlerts.map(
    ({ labels, endsAt }) =>
      `${labels["target"]} ${Date.parse(endsAt) > house.cluster.time.wallMs()}`,
  );
  expect(statuses).toContain("b true");
  expect(statuses).toContain("a false");
  const leader = house.leader!;
  const { incidents, notices, droppedCount } = leader.store.alertRecord.readLocal();
  expect([...incidents.values()].map(({ target }) => target)).toEqual(["b"]);
  expect([notices.size, droppedCount]).toEqual([0, 0]);
}

describe.each([false, true])("the sender dies at each point, and comes back: %p", (isRestarted) => {
  test("nobody is left untold, and repetitions have the same key", async () => {
    let point = 0;
    while (await story(point, isRestarted)) point++;
    // Opening, notifying, sending, settling, ending, notifying, sending, settling, forgetting: twice each, and more.
    expect(point).toBeGreaterThan(15);
  });
});
