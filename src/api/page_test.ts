import { expect, test } from "bun:test";
import { makeApi } from "./_test_api.ts";
import { FakeMonitor, failureCounts, makeWatch, WALL_ORIGIN_MS } from "./_test_world.ts";
import { formatSpan, MAX_ROWS } from "./page.ts";

async function readPage(monitor: FakeMonitor, path = "/"): Promise<string> {
  const response = await makeApi({ monitor, observer: "m1 <b>" }).call("GET", path);
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/html; charset=utf-8");
  return response.text();
}

function rowNames(page: string): string[] {
  return [...page.matchAll(/<a href="\/targets\/([^"]*)">/g)].map((match) => match[1]!);
}

test("the page shows bad targets first, and the order of the config within each verdict", async () => {
  const monitor = new FakeMonitor(
    makeWatch({ name: "u1" }),
    makeWatch({ name: "d1" }, { verdict: "down" }),
    makeWatch({ name: "n1" }, { verdict: "unknown", lastHeartbeatMs: Number.NaN }),
    makeWatch({ name: "s1" }, { verdict: "suspect" }),
    makeWatch({ name: "u2" }),
    makeWatch({ name: "d2" }, { verdict: "down" }),
  );
  const page = await readPage(monitor);
  expect(rowNames(page)).toEqual(["d1", "d2", "s1", "n1", "u1", "u2"]);
  expect(page).toContain("none in 1 min 0 s");
  expect(page).toContain(">0.5 s ago</time>");
  const counts = [...page.matchAll(/<li><b>(\d+)<\/b>.*?(\w+)<\/span><\/li>/g)];
  expect(counts.map((match) => [match[2], match[1]])).toEqual([
    ["down", "2"],
    ["suspect", "1"],
    ["unknown", "1"],
    ["up", "2"],
  ]);
});

test("the page escapes whatever comes from outside", async () => {
  const evil = `"><script>alert('x')</script>&`;
  const lastError = { reason: "body", detail: evil, atWallMs: WALL_ORIGIN_MS } as const;
  const watch = makeWatch(
    { name: "a:b", url: `http://10.0.0.1/?q='><b>` },
    { lastError, failureCounts: failureCounts("body", 1) },
  );
  const page = await readPage(new FakeMonitor(watch));
  expect(page).not.toContain("<script");
  expect(page).not.toContain("'><b>");
  expect(page).toContain("&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;");
  expect(page).toContain("phi · m1 &lt;b&gt;");
  expect(page).toContain('href="/targets/a%3Ab"');
});

test("the page's policy allows exactly its own style, and it asks for nothing else", async () => {
  const { call } = makeApi();
  const response = await call("GET", "/");
  const page = await response.text();
  const style = /<style>([^]*)<\/style>/.exec(page)?.[1] ?? "";
  const hash = new Bun.CryptoHasher("sha256").update(style).digest("base64");
  const policy = response.headers.get("content-security-policy") ?? "";
  expect(policy).toContain(`default-src 'none'; style-src 'sha256-${hash}'`);
  expect(policy).toContain("frame-ancestors 'none'");
  expect(page).not.toContain(" style=");
  expect(page.match(/<(?:script|img|iframe|object|embed)\b|@import|url\(/)).toBeNull();
});

test("the page shows at most a thousand targets, the worst, says so, and is made in pieces", async () => {
  const monitor = new FakeMonitor();
  for (let i = 0; i < 1_500; i++) monitor.add(makeWatch({ name: `u${i}` }));
  monitor.add(makeWatch({ name: "d" }, { verdict: "down" }));
  const world = makeApi({ monitor });
  const page = await (await world.call("GET", "/")).text();
  expect(rowNames(page)).toHaveLength(MAX_ROWS);
  expect(rowNames(page)[0]).toBe("d");
  expect(page).toContain("The worst 1000 of 1501 targets are shown.");
  expect(world.timers.yieldCount).toBeGreaterThanOrEqual(10);
});

test("the page refreshes itself unless it is told to stand still", async () => {
  const monitor = new FakeMonitor(makeWatch({ name: "a" }));
  expect(await readPage(monitor)).toContain('http-equiv="refresh" content="5"');
  expect(await readPage(monitor, "/?refresh=off")).not.toContain("http-equiv");
});

test("the page of an empty monitor says what to do, and a pause of its own is told", async () => {
  const monitor = new FakeMonitor();
  expect(await readPage(monitor)).toContain("Nothing is watched yet");
  monitor.add(makeWatch({ name: "a" }));
  monitor.pausedMs = 12_000;
  expect(await readPage(monitor)).toContain("did not run for 12 s");
});

/** The width of the bar, and the number before it. */
async function bar(phi: number): Promise<(string | undefined)[]> {
  const watch = makeWatch({ name: "a", monitor: { threshold: 8 } }, { phi: () => phi });
  const page = await readPage(new FakeMonitor(watch));
  return [
    /<rect class="up" width="([\d.]+)"/.exec(page)?.[1],
    /class="number">(\S+) <span/.exec(page)?.[1],
  ];
}

test("the bar is full at the threshold and never longer; huge numbers stay short", async () => {
  expect(await bar(0)).toEqual(["0.0", "0.00"]);
  expect(await bar(2)).toEqual(["25.0", "2.00"]);
  expect(await bar(8)).toEqual(["100.0", "8.00"]);
  expect(await bar(6.02e15)).toEqual(["100.0", "6.0e+15"]);
});

test.each([
  [-5, "0.0 s"],
  [0, "0.0 s"],
  [9_949, "9.9 s"],
  [9_950, "10 s"],
  [59_499, "59 s"],
  [59_500, "1 min 0 s"],
  [3_599_000, "59 min 59 s"],
  [3_600_000, "1 h 0 min"],
  [86_400_000, "1 d 0 h"],
  [1e12, "11574 d 1 h"],
])("formatSpan(%p) is %p", (ms, text) => {
  expect(formatSpan(ms)).toBe(text);
});
