import { expect, test } from "bun:test";
import { formatBind, parseBind } from "./bind.ts";

test("parseBind() reads names, IPv4, IPv6 and a bare port", () => {
  expect(parseBind("127.0.0.1:8000")).toEqual({ host: "127.0.0.1", port: 8000 });
  expect(parseBind("[::1]:9000")).toEqual({ host: "::1", port: 9000 });
  expect(parseBind(":8000")).toEqual({ host: "127.0.0.1", port: 8000 });
  expect(parseBind("localhost:0")).toEqual({ host: "localhost", port: 0 });
});

test.each(["", "8000", "127.0.0.1", "::1:80", "a:b", "a:65536", "a:-1", "a:1.5", "a: 1"])(
  "parseBind() refuses %p",
  (text) => expect(parseBind(text)).toBeUndefined(),
);

test("formatBind() writes what parseBind() reads", () => {
  for (const text of ["127.0.0.1:8000", "[::1]:9000"])
    expect(formatBind(parseBind(text)!)).toBe(text);
});
