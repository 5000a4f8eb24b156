import { expect, test } from "bun:test";
import { VirtualTime } from "../../../test/kit/virtual_time.ts";
import type { PeerTransportStats } from "../../peer/mod.ts";
import { tellPeerTroubles } from "./peer_troubles.ts";

function setUp() {
  const time = new VirtualTime();
  const lines: string[] = [];
  const state = { isConnected: true, lastRefusal: undefined as string | undefined };
  const refused = { refusedConnections: 0, lastRefusal: undefined as string | undefined };
  const stats = () =>
    ({
      peers: [{ id: "b", address: "127.0.0.1:7001", ...state }],
      ...refused,
    }) as unknown as PeerTransportStats;
  const stop = tellPeerTroubles(stats, {
    timers: time,
    tell: (level, line) => lines.push(`${level}: ${line}`),
  });
  return { time, lines, state, refused, stop };
}

test("each reason why a peer is not connected is said once, until it is", () => {
  const { time, lines, state } = setUp();
  time.pass(5_000);
  expect(lines).toEqual([]);
  for (const reason of ["refused", "not a member", "refused", "not a member"]) {
    Object.assign(state, { isConnected: false, lastRefusal: reason });
    time.pass(1_000);
  }
  expect(lines.splice(0)).toEqual([
    "warning: b at 127.0.0.1:7001 cannot be reached: refused",
    "warning: b at 127.0.0.1:7001 cannot be reached: not a member",
  ]);
  state.isConnected = true;
  time.pass(3_000);
  expect(lines.splice(0)).toEqual(["info: b at 127.0.0.1:7001 is reached again"]);
  state.isConnected = false;
  time.pass(3_000);
  expect(lines).toEqual(["warning: b at 127.0.0.1:7001 cannot be reached: not a member"]);
});

test("a peer that is being dialled for the first time is no trouble", () => {
  const { time, lines, state } = setUp();
  state.isConnected = false;
  time.pass(3_000);
  state.isConnected = true;
  time.pass(3_000);
  expect(lines).toEqual([]);
});

test("who was refused here is said, the same words once, and 20 of them an hour at most", () => {
  const { time, lines, refused } = setUp();
  for (const reason of ["x: another secret", "x: another secret"]) {
    refused.refusedConnections++;
    refused.lastRefusal = reason;
    time.pass(1_000);
  }
  expect(lines).toEqual(["warning: a connection for peers was refused: x: another secret"]);
  for (let count = 0; count < 100; count++) {
    refused.refusedConnections++;
    refused.lastRefusal = `${count}`;
    time.pass(1_000);
  }
  expect(lines).toHaveLength(20);
  time.pass(3_600_000);
  refused.refusedConnections++;
  refused.lastRefusal = "x: another secret";
  time.pass(1_000);
  expect(lines.at(-1)).toEndWith("x: another secret");
});

test("after its end nothing waits", () => {
  const { time, stop } = setUp();
  time.pass(2_500);
  stop();
  expect(time.waitingCount).toBe(0);
});
