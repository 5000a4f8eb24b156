import { expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { type ConfigNews, ConfigTeller } from "./config_news.ts";

function teller() {
  const time = new VirtualTime();
  const told: ConfigNews[] = [];
  const news = new ConfigTeller(time, (each) => told.push(each));
  let revision = 0;
  const write = (...deleted: string[]) =>
    news.changed({ revision: ++revision, written: [makeTarget()], deleted });
  return { time, told, news, write };
}

test("a change is told at once, and those within a second of it together", () => {
  const { time, told, write } = teller();
  write();
  expect(told).toEqual([{ revision: 1, written: 1, deleted: 0 }]);
  write("a", "b");
  time.pass(500);
  write();
  expect(told).toHaveLength(1);
  time.pass(500);
  expect(told.slice(1)).toEqual([{ revision: 3, written: 2, deleted: 2 }]);
});

test("a stream of changes is told once a second, and leaves no timer behind", () => {
  const { time, told, write } = teller();
  for (let count = 0; count < 50; count++) {
    write();
    time.pass(100);
  }
  expect(told.map(({ revision }) => revision)).toEqual([1, 10, 20, 30, 40, 50]);
  time.pass(1_000);
  expect(time.waitingCount).toBe(0);
  write();
  expect(told.at(-1)).toEqual({ revision: 51, written: 1, deleted: 0 });
});

test("what has not been told is told at the end", () => {
  const { time, told, news, write } = teller();
  write();
  write();
  news.close();
  expect(told.at(-1)).toEqual({ revision: 2, written: 1, deleted: 0 });
  expect(time.waitingCount).toBe(0);
  news.close();
  expect(told).toHaveLength(2);
});
