import { expect, test } from "bun:test";
import { raftNews } from "./raft_news.ts";

function setUp() {
  const lines: string[] = [];
  return { lines, news: raftNews((level, line) => lines.push(`${level}: ${line}`)) };
}

test("who leads is said, and not that nobody does", () => {
  const { lines, news } = setUp();
  news.onRole("candidate", 3, undefined);
  news.onRole("follower", 3, "b");
  expect(lines).toEqual(["info: raft: b leads in term 3"]);
});

test("what was refused is said once each, and 20 at most: peers choose how often it comes", () => {
  const { lines, news } = setUp();
  for (let count = 0; count < 3; count++) news.onRefused("b", "its term is too far ahead");
  expect(lines).toHaveLength(1);
  expect(lines[0]).toStartWith("error: raft: what b sent was refused: its term is too far ahead. ");
  for (let count = 0; count < 100; count++) news.onRefused("b", `${count}`);
  expect(lines).toHaveLength(20);
});

test("that it has halted is said with what to do", () => {
  const { lines, news } = setUp();
  news.onHalt("the disk is full");
  expect(lines).toEqual([expect.stringMatching(/^error: .*: the disk is full\. .*--id$/u)]);
});
