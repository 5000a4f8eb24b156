import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { SECRET, TestHouse } from "./_test_house.ts";

test("a combined down is told by the leader, once, signed, under its key, and recorded", async () => {
  const house = new TestHouse();
  const leader = await house.ready();
  house.targets.set("api-1", { team: "payments" });
  house.say("api-1", "up");
  await house.pass(100);
  house.say("api-1", "down", "a, b and c say down");
  await house.pass(8_000);
  const notices: readonly object[] = house.notices;
  expect(notices).toEqual([
    {
      version: 1,
      key: "c1-2",
      receiver: "chat",
      status: "firing",
      group: {},
      summary: "api-1 is down",
      alerts: [
        {
          key: "c1-1",
          status: "firing",
          target: "api-1",
          verdict: "down",
          labels: { team: "payments" },
          since: expect.stringMatching(/^2026-01-01T00:00:\d\d\.\d{3}Z$/u),
          reason: "a, b and c say down",
        },
      ],
    },
  ]);
  const [{ headers, body, from }] = house.received as [(typeof house.received)[0]];
  expect(from).toBe(leader.id);
  const timestamp = headers.get("webhook-timestamp");
  const mac = createHmac("sha256", SECRET).update(`c1-2.${timestamp}.${body}`).digest("base64");
  expect(headers.get("webhook-id")).toBe("c1-2");
  expect(headers.get("webhook-signature")).toBe(`v1,${mac}`);
  for (const { store } of house.sentries) {
    const contents = store.alertRecord.readLocal();
    expect(contents.incidents.get(1)?.told.get("chat")).toBe("firing");
    expect(contents.notices.size).toBe(0);
  }
  house.say("api-1", "up");
  await house.pass(8_000);
  expect(house.told).toEqual(["firing api-1", "resolved api-1"]);
  // Nobody needs it any more.
  expect(leader.store.alertRecord.readLocal().incidents.size).toBe(0);
});
