import { expect, test } from "bun:test";
import { microtasks } from "../../test/kit/test_stores.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { ALERTMANAGER, alertsOf, SECRET, WEBHOOK } from "./_test_house.ts";
import { Messenger } from "./messenger.ts";

const NOTICE = { number: 1, receiver: "any", group: {}, firing: [1], resolved: [], atWallMs: 0 };
const CONTENTS = {
  nextNumber: 2,
  droppedCount: 0,
  incidents: new Map(),
  notices: new Map(),
  silences: new Map(),
};

test.each([
  ["a webhook's secret", "/secret", WEBHOOK],
  ["a token", "/token", { ...ALERTMANAGER, bearerTokenFile: "/token" }],
])(
  "%s on a disk that hangs fails the attempt, and keeps nothing from the next",
  async (_, path, of) => {
    const time = new VirtualTime();
    let isHanging = true;
    const messenger = new Messenger({
      clusterId: "c1",
      clock: time,
      timers: time,
      nowMs: () => time.monotonicMs(),
      readTextFile: () => (isHanging ? new Promise(() => {}) : Promise.resolve(SECRET)),
      formatTime: (wallMs) => new Date(wallMs).toISOString(),
      hmacSha256: () => new Uint8Array(32),
      addressesOf: async () => ({ ok: true, ips: ["10.0.0.1"] }),
      fetchAt: async () => new Response(),
    });
    const [receiver] = alertsOf({ receivers: [of] }).receivers;
    const first = messenger.send(receiver!, NOTICE, CONTENTS);
    const second = messenger.send(receiver!, NOTICE, CONTENTS);
    await microtasks();
    isHanging = false;
    time.pass(10_000);
    const detail = `it could not be made ready: ${path} could not be read in 10000 ms`;
    expect(await first).toEqual({ kind: "failed", detail });
    expect(await messenger.send(receiver!, NOTICE, CONTENTS)).toEqual({ kind: "taken" });
    await second;
    expect(time.waitingCount).toBe(0);
  },
);
