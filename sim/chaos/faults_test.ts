import { expect, test } from "bun:test";
import { describeFault, type Fault, FaultLog, isOfServers, isOutage } from "./faults.ts";

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
    {
      kind: "partition",
      members: ["monitor1"],
      fromMs: 5,
      untilMs: 9,
      blocksWrites: false,
      measure: "",
    },
    {
      kind: "server-kill",
      members: ["server1"],
      fromMs: 7,
      untilMs: null,
      blocksWrites: false,
      measure: "",
    },
  ]);
  expect(log.faults.map(isOfServers)).toEqual([false, true]);
  expect(log.faults.map(describeFault)).toEqual([
    "monitor1 cut off from the other monitors",
    "server1 killed",
  ]);
});

test("describeFault() says how much of it, and shortens a long list", () => {
  const base = { fromMs: 0, untilMs: null, blocksWrites: false };
  const said = (fault: Pick<Fault, "kind" | "members" | "measure">) =>
    describeFault({ ...base, ...fault });
  const fleet = Array.from({ length: 100 }, (_, index) => `fleet${index + 1}`);
  expect(said({ kind: "server-kill", members: fleet, measure: "" })).toBe(
    "fleet1 to fleet100 (100) killed",
  );
  expect(said({ kind: "packet-loss", members: ["server2"], measure: "20 %" })).toBe(
    "server2 loses 20 % of all packets, both ways",
  );
  expect(said({ kind: "clock-jump", members: ["monitor1"], measure: "-3600 s" })).toBe(
    "monitor1 has its wall clock at -3600 s",
  );
});

test("a server that is slow, or loses packets, has not failed", () => {
  const kinds = ["server-kill", "server-delay", "server-slow", "packet-loss", "deaf"] as const;
  const log = new FaultLog(() => 1);
  for (const kind of kinds) log.begin(kind, ["server1"]);
  expect(log.faults.map(isOfServers)).toEqual([true, true, true, true, false]);
  expect(log.faults.map(isOutage)).toEqual([true, true, false, false, false]);
});
