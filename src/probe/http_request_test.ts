import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  describeHeaderProblem,
  encodeBasic,
  encodeBearer,
  encodeRequestHead,
  isAddressLiteral,
  parseEndpoint,
  trimSecret,
} from "./http_request.ts";

const GET = { url: "http://a.test/heartbeat", method: "GET", headers: {}, keepsAlive: true };

describe("parseEndpoint()", () => {
  test.each([
    ["http://a.test/x", { isTls: false, hostName: "a.test", port: 80 }],
    ["https://a.test", { isTls: true, hostName: "a.test", port: 443 }],
    ["https://a.test:8443", { isTls: true, hostName: "a.test", port: 8443 }],
    ["http://10.1.0.101:8080/", { isTls: false, hostName: "10.1.0.101", port: 8080 }],
    ["http://[::1]:81/", { isTls: false, hostName: "::1", port: 81 }],
    ["http://0x7f.1/", { isTls: false, hostName: "127.0.0.1", port: 80 }],
    ["http://bücher.test/", { isTls: false, hostName: "xn--bcher-kva.test", port: 80 }],
  ])("reads %s", (url, endpoint) => {
    expect(parseEndpoint(url)).toEqual(endpoint);
  });

  test.each(["ftp://a.test/", "push:", "no url", "http://user@a.test/", "http://u:p@a.test/"])(
    "refuses %s",
    (url) => {
      expect(() => parseEndpoint(url)).toThrow(TypeError);
    },
  );

  test("never repeats a password", () => {
    expect(() => parseEndpoint("http://u:hunter2@a.test/")).not.toThrow("hunter2");
  });
});

describe("isAddressLiteral()", () => {
  test.each([
    ["127.0.0.1", true],
    ["::1", true],
    ["a.test", false],
    ["10.1.0.101.test", false],
  ])("%s: %p", (hostName, isLiteral) => {
    expect(isAddressLiteral(hostName)).toBe(isLiteral);
  });
});

describe("encodeRequestHead()", () => {
  test("asks for what it can read, and for the connection to be kept", () => {
    expect(encodeRequestHead({ ...GET, url: "http://a.test:8080/a%20b?c=d#e" })).toBe(
      "GET /a%20b?c=d HTTP/1.1\r\nhost: a.test:8080\r\nuser-agent: phi\r\naccept: */*\r\n" +
        "accept-encoding: identity\r\n",
    );
  });

  test("a target's headers replace the prober's, whatever their case", () => {
    const head = encodeRequestHead({ ...GET, headers: { HOST: "b.test", "X-Team": " payments " } });
    expect(head).toContain("\r\nhost: b.test\r\n");
    expect(head).not.toContain("a.test");
    expect(head).toContain("\r\nx-team: payments\r\n");
  });

  test("a fresh connection is asked to be closed; a POST says that it has no content", () => {
    const head = encodeRequestHead({ ...GET, method: "POST", keepsAlive: false });
    expect(head).toContain("\r\nconnection: close\r\n");
    expect(head).toContain("\r\ncontent-length: 0\r\n");
  });

  test("writes an IPv6 host in brackets", () => {
    expect(encodeRequestHead({ ...GET, url: "http://[::1]:81/" })).toContain("host: [::1]:81\r\n");
  });

  test("encodes what is not ASCII as UTF-8, one character for each byte", () => {
    expect(encodeRequestHead({ ...GET, headers: { "x-team": "é" } })).toContain(
      "x-team: \u00c3\u00a9",
    );
  });

  test.each([
    ["a method with a blank", { method: "GET /" }],
    ["an empty method", { method: "" }],
    ["a header name with a colon", { headers: { "a:b": "c" } }],
    ["a value with a line end", { headers: { a: "b\r\nc: d" } }],
    ["a value with NUL", { headers: { a: "b\u0000" } }],
    ["a framing header", { headers: { "Content-Length": "5" } }],
  ])("refuses %s", (_, change) => {
    expect(() => encodeRequestHead({ ...GET, ...change })).toThrow(TypeError);
  });

  test("whatever the headers are, the head is whole lines without another request in them", () => {
    const headers = fc.dictionary(
      fc.string({ maxLength: 8 }),
      fc.string({ maxLength: 8, unit: "binary" }),
    );
    fc.assert(
      fc.property(headers, (fields) => {
        const bad = Object.entries(fields).some(
          ([n, v]) => describeHeaderProblem(n, v) !== undefined,
        );
        if (bad) {
          expect(() => encodeRequestHead({ ...GET, headers: fields })).toThrow(TypeError);
          return;
        }
        const lines = encodeRequestHead({ ...GET, headers: fields }).split("\r\n");
        expect(lines.pop()).toBe("");
        for (const line of lines) expect(line).toMatch(/^[^\r\n\0]+$/);
      }),
    );
  });
});

describe("authorization", () => {
  test("bearer and basic", () => {
    expect(encodeBearer("abc")).toBe("authorization: Bearer abc\r\n");
    expect(encodeBasic("Aladdin", "open sesame")).toBe(
      "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
    );
    expect(encodeBasic("test", "123£")).toBe("authorization: Basic dGVzdDoxMjPCow==\r\n");
  });

  test("only the newline at the end of a file is taken off", () => {
    expect(trimSecret("abc\r\n")).toBe("abc");
    expect(trimSecret(" a b \n\n")).toBe(" a b ");
  });

  test("a secret that cannot stand in a header makes none", () => {
    expect(encodeBearer("")).toBeUndefined();
    expect(encodeBearer("a\nb")).toBeUndefined();
    expect(encodeBasic("u", "a\nb")).toBeUndefined();
  });
});
