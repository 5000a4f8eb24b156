/** The seconds of the clock in the margin. */
import { expect, test } from "bun:test";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { Tally } from "./tally.ts";

function setUp() {
  const time = new VirtualTime();
  const told: string[] = [];
  const tell = (level: string, line: string) => void told.push(`${level}: ${line}`);
  const tally = new Tally({ clock: time, tell });
  return { time, told, tally };
}

test("stats are of all since the start, lost or not", () => {
  const { told, tally } = setUp();
  expect(tally.stats).toEqual({ keptCount: 0, droppedCount: 0 });
  tally.keep(3);
  tally.lose(2, "the disk is full");
  tally.keep(1);
  expect(tally.stats).toEqual({ keptCount: 4, droppedCount: 2 });
  tally.lose(0, "nothing was in it");
  expect(told).toEqual(["warning: history is being lost: the disk is full. Watching goes on"]);
});

test("a loss is said once, and its end when none followed for a minute", () => {
  const { time, told, tally } = setUp();
  tally.lose(2, "no"); // 0
  time.pass(59_000);
  tally.keep(1); // 59
  tally.lose(1, "no");
  time.pass(59_999);
  tally.keep(1); // 118.999
  expect(told.splice(0)).toEqual([expect.stringContaining("is being lost")]);
  time.pass(1);
  tally.keep(1); // 119
  tally.keep(1);
  expect(told.splice(0)).toEqual(["info: history is kept again; 3 records were lost"]);
  tally.lose(5, "no");
  time.pass(60_000);
  tally.keep(1); // 179
  expect(told).toEqual([
    expect.stringContaining("is being lost"),
    "info: history is kept again; 5 records were lost",
  ]);
});
