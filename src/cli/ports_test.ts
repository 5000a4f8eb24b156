import { expect, test } from "bun:test";
import { parsePorts } from "./ports.ts";

test("parsePorts() reads ports, ranges and lists in the order written", () => {
  expect(parsePorts("8081")).toEqual([8081]);
  expect(parsePorts("8081..8084")).toEqual([8081, 8082, 8083, 8084]);
  expect(parsePorts("9000, 8081..8082,65535")).toEqual([9000, 8081, 8082, 65_535]);
  expect(parsePorts("1..1")).toEqual([1]);
});

test.each([
  "",
  ",",
  "0",
  "65536",
  "8090..8081",
  "8081-8090",
  "80.5",
  "8081..",
  "x",
  "80,80",
  "1..3,2",
])("parsePorts() refuses %p", (text) => expect(parsePorts(text)).toBeUndefined());
