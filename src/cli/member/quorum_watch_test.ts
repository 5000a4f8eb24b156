import { expect, test } from "bun:test";
import type { ClusterStanding } from "../../cluster/mod.ts";
import { VirtualTime } from "../../../test/kit/virtual_time.ts";
import { tellQuorum } from "./quorum_watch.ts";

function watch() {
  const time = new VirtualTime();
  const lines: string[] = [];
  const status = {
    quorum: true,
    halted: null as string | null,
    standing: "member" as ClusterStanding,
  };
  const stop = tellQuorum(() => status, {
    timers: time,
    tell: (level, line) => lines.push(`${level}: ${line.slice(0, 20)}`),
  });
  return { time, lines, status, stop };
}

test("what lasts is said once, and its end too; an election is not", () => {
  const { time, lines, status, stop } = watch();
  status.quorum = false;
  time.pass(2_000);
  status.quorum = true;
  time.pass(2_000);
  expect(lines).toEqual([]);
  status.quorum = false;
  time.pass(60_000);
  status.quorum = true;
  time.pass(1_000);
  expect(lines).toEqual(["warning: no quorum: the confi", "info: the config can be ch"]);
  stop();
  expect(time.waitingCount).toBe(0);
});

test("one that has halted has said why", () => {
  const { time, lines, status } = watch();
  Object.assign(status, { quorum: false, halted: "the disk is full" });
  time.pass(60_000);
  expect(lines).toEqual([]);
});

test("one that was removed says so once, and no more of quorums", () => {
  const { time, lines, status, stop } = watch();
  Object.assign(status, { quorum: false, standing: "removed" });
  time.pass(60_000);
  expect(lines).toEqual(["warning: this monitor was rem"]);
  expect(time.waitingCount).toBe(0);
  stop();
});

test("one that hears of its removal later says that too", () => {
  const { time, lines, status } = watch();
  status.quorum = false;
  time.pass(60_000);
  status.standing = "removed";
  time.pass(60_000);
  expect(lines).toEqual(["warning: no quorum: the confi", "warning: this monitor was rem"]);
});
