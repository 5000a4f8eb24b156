import { expect, test } from "bun:test";
import { makeApi } from "./_test_api.ts";

const PARTS = { style: "body { color: red }", script: 'document.title = "phi";' };

const digest = (text: string) => new Bun.CryptoHasher("sha256").update(text).digest("base64");

test("GET / is one document, and its policy allows exactly what is in it and to ask this monitor", async () => {
  const response = await makeApi({ page: PARTS }).call("GET", "/");
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  const page = await response.text();
  const style = /<style>([^]*?)<\/style>/.exec(page)?.[1] ?? "";
  const script = /<script type="module">([^]*?)<\/script>/.exec(page)?.[1] ?? "";
  expect([style, script]).toEqual([PARTS.style, PARTS.script]);
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain(`style-src 'sha256-${digest(style)}'`);
  expect(policy).toContain(`script-src 'sha256-${digest(script)}'`);
  expect(policy).toContain("connect-src 'self'");
  expect(policy).toContain("frame-ancestors 'none'");
  expect(policy).not.toContain("unsafe");
  expect(page).not.toContain(" style=");
  expect(page).not.toMatch(/(?:src|href)="(?!\/|data:)/);
});

test("GET / says without a script where else to look", async () => {
  const page = await (await makeApi({ page: PARTS }).call("GET", "/")).text();
  const noscript = /<noscript>([^]*?)<\/noscript>/.exec(page)?.[1] ?? "";
  expect(noscript).toContain('<a href="/targets">');
  const plain = await makeApi().call("GET", "/");
  expect(plain.status).toBe(200);
  expect(await plain.text()).toContain('<a href="/targets">');
});

test("GET / is compressed where that is wanted, and the same underneath", async () => {
  const { call } = makeApi({ page: PARTS });
  const plain = await (await call("GET", "/")).text();
  const headers = { "accept-encoding": "gzip, br" };
  const response = await call("GET", "/", { headers });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  expect(response.headers.get("vary")).toBe("accept-encoding");
  const bytes = Bun.gunzipSync(new Uint8Array(await response.arrayBuffer()));
  expect(new TextDecoder().decode(bytes)).toBe(plain);
  const refused = await call("GET", "/", { headers: { "accept-encoding": "gzip;q=0" } });
  expect(refused.headers.get("content-encoding")).toBeNull();
});

test("GET / is not sent again to whom has it, and another page has another tag", async () => {
  const { call } = makeApi({ page: PARTS });
  const etag = (await call("GET", "/")).headers.get("etag")!;
  const again = await call("GET", "/", { headers: { "if-none-match": etag } });
  expect([again.status, await again.text()]).toEqual([304, ""]);
  expect(again.headers.get("cache-control")).toBe("no-cache");
  const other = makeApi({ page: { ...PARTS, script: "" } });
  expect((await other.call("GET", "/", { headers: { "if-none-match": etag } })).status).toBe(200);
});
