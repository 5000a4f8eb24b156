import { describe, expect, test } from "bun:test";
import { parseConnectTo, type ConnectTo } from "./connect_to.ts";
import { parseNetPolicy } from "./net_policy.ts";

function connectToOf(...texts: string[]): ConnectTo {
  const parsed = parseConnectTo(texts);
  if (!parsed.ok) throw new Error(parsed.detail);
  return parsed.connectTo;
}

describe("parseConnectTo()", () => {
  test("maps what is on the left, host and port together, and nothing else", () => {
    const connectTo = connectToOf(
      "10.1.0.101:8080=127.0.0.1:8081,10.1.0.102:8080=127.0.0.1:8082",
      "Example.com:443=[::1]:8443",
      "[2001:DB8::0:1]:80=backend:8080",
    );
    expect(connectTo("10.1.0.101", 8080)).toEqual({ host: "127.0.0.1", port: 8081 });
    expect(connectTo("10.1.0.102", 8080)).toEqual({ host: "127.0.0.1", port: 8082 });
    expect(connectTo("10.1.0.101", 80)).toEqual({ host: "10.1.0.101", port: 80 });
    expect(connectTo("example.com.", 443)).toEqual({ host: "::1", port: 8443 });
    expect(connectTo("[2001:db8::1]", 80)).toEqual({ host: "backend", port: 8080 });
    expect(connectTo("2001:db8::1", 80)).toEqual({ host: "backend", port: 8080 });
    expect(connectTo("[::2]", 80)).toEqual({ host: "::2", port: 80 });
  });

  test("without texts everything stays as it is", () => {
    expect(connectToOf()("a", 1)).toEqual({ host: "a", port: 1 });
  });

  test.each([
    "",
    "a:1",
    "a:1=b",
    "a=b:1",
    "a:1=b:0",
    "a:1=b:65536",
    "a:1=b:1=c:1",
    "::1:80=b:80",
    "[1.2.3.4]:80=b:80",
    "2130706433:80=b:80",
    "a b:80=c:80",
    ":80=a:80",
    "a:1=b:1,",
  ])("refuses %j", (text) => {
    const parsed = parseConnectTo([text]);
    expect(parsed.ok ? "" : parsed.detail).toEndWith("is not HOST:PORT=HOST:PORT");
  });

  test("refuses to map one thing to two", () => {
    expect(parseConnectTo(["a:1=b:1", "A.:1=c:1"])).toEqual({
      ok: false,
      detail: "a:1 stands on the left twice",
    });
  });

  test("is judged by where it leads: the demo connects to loopback alone", () => {
    const parsed = parseNetPolicy(["127.0.0.0/8"]);
    if (!parsed.ok) throw new Error(parsed.detail);
    const connectTo = connectToOf("10.1.0.101:8080=127.0.0.1:8081", "10.1.0.102:8080=10.9.9.9:80");
    const { policy } = parsed;
    expect(policy.checkUrl("http://10.1.0.101:8080/heartbeat", connectTo)).toEqual({ ok: true });
    expect(policy.checkUrl("http://10.1.0.101:8080/heartbeat").ok).toBe(false);
    expect(policy.checkUrl("http://10.1.0.101:8081/heartbeat", connectTo).ok).toBe(false);
    expect(policy.checkUrl("http://10.1.0.102:8080/heartbeat", connectTo)).toEqual({
      ok: false,
      detail: "10.9.9.9, port 80, is not allowed by --allow-net, which lists 127.0.0.0/8",
    });
  });
});
