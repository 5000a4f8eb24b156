import { expect, test } from "bun:test";
import { makeApi } from "./_test_api.ts";
import { FakeObservers } from "./_test_observers.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";

test("GET /badge/NAME.svg shows the combined verdict where there are observers", async () => {
  const monitor = new FakeMonitor(makeWatch({ name: "api" }, { verdict: "up" }));
  const { call } = makeApi({ monitor, observers: new FakeObservers(monitor) });
  expect(await (await call("GET", "/badge/api.svg")).text()).toContain("api: partial");
  expect((await call("GET", "/badge/other.svg")).status).toBe(404);
});

function makeBadges() {
  const monitor = new FakeMonitor(
    makeWatch({ name: "api" }, { verdict: "suspect" }),
    makeWatch({ name: "a.svg" }, { verdict: "down" }),
  );
  const { call } = makeApi({ monitor });
  return (path: string) => call("GET", `/badge/${path}`);
}

test("GET /badge/NAME.svg is a picture of the verdict, never stored, that other pages may show", async () => {
  const badge = makeBadges();
  const response = await badge("api.svg");
  expect(response.status).toBe(200);
  const { headers } = response;
  expect(headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
  expect(headers.get("cache-control")).toBe("no-store");
  expect(headers.get("cross-origin-resource-policy")).toBe("cross-origin");
  expect(headers.get("content-security-policy")).toBe("default-src 'none'");
  expect(await response.text()).toContain('aria-label="api: suspect"');
});

test("GET /badge/NAME.svg takes the last .svg off, and no other", async () => {
  const badge = makeBadges();
  expect(await (await badge("a.svg.svg")).text()).toContain("a.svg: down");
  expect(await (await badge("a.svg")).text()).toContain("a: not watched");
  expect((await badge("api")).status).toBe(404);
});

test("GET /badge/NAME.svg says in a picture that there is no such target", async () => {
  const response = await makeBadges()("%3Cb%3E.svg");
  expect(response.status).toBe(404);
  expect(response.headers.get("content-type")).toBe("image/svg+xml; charset=utf-8");
  expect(await response.text()).toContain("&lt;b&gt;: not watched");
});
