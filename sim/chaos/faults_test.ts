import { expect, test } from "bun:test";
import { describeFault, FaultLog, isOfServers } from "./faults.ts";

test("FaultLog keeps what was done, from when to when", () => {
  let nowMs = 5;
  const log = new FaultLog(() => nowMs);
  const healed = log.begin("partition", ["monitor1"]);
  nowMs = 7;
  log.begin("server-kill", ["server1"]);
  expect(log.faults.map(({ untilMs }) => untilMs)).toEqual([null, null]);
  nowMs = 9;
  healed();
  expect(log.faults).toEqual([
    { kind: "partition", members: ["monitor1"], fromMs: 5, untilMs: 9, blocksWrites: false },
    { kind: "server-kill", members: ["server1"], fromMs: 7, untilMs: null, blocksWrites: false },
  ]);
  expect(log.faults.map(isOfServers)).toEqual([false, true]);
  expect(log.faults.map(describeFault)).toEqual([
    "monitor1 cut off from the other monitors",
    "server1 killed",
  ]);
});
