import { expect, test } from "bun:test";
import { forgetProxies } from "./forget_proxies.ts";

test("forgetProxies() leaves none of the variables that name a proxy, and all others", () => {
  const names = ["http_proxy", "https_proxy", "all_proxy"];
  const proxies = [...names, ...names.map((name) => name.toUpperCase())];
  const environment = Object.fromEntries(proxies.map((name) => [name, "http://127.0.0.1:9"]));
  const others = { no_proxy: ".corp.example", PATH: "/bin" };
  Object.assign(environment, others);
  forgetProxies(environment);
  expect(environment).toEqual(others);
});
