import { expect, test } from "bun:test";
import { readOpenMetrics } from "../../test/kit/open_metrics.ts";
import { makeMonitorReading, makeReading } from "../../test/kit/watch_reading.ts";
import type { Timers } from "../port.ts";
import { createExposition } from "./exposition.ts";
import { NO_OWN_METRICS, type OwnFacts, type OwnMetrics } from "./own.ts";
import { OWN_SERIES } from "./series.ts";
import { formatFamily } from "./text.ts";

const URL_OF_METRICS = "http://127.0.0.1:9000/metrics";
const OPENMETRICS = "application/openmetrics-text; version=1.0.0";

const timers: Timers = {
  after: () => () => {},
  yieldToLoop: () => new Promise((resolve) => setImmediate(resolve)),
};

const watches = Array.from({ length: 500 }, (_, index) =>
  makeReading({ target: { name: `server${index}`, labels: { where: "na\u00efve \u{1f600}" } } }),
);
const monitor = makeMonitorReading(watches);

/** Writes the one thing that it is told. */
const own: OwnMetrics = {
  ...NO_OWN_METRICS,
  render: (format, { targetCount }) =>
    Promise.resolve(formatFamily(OWN_SERIES.targets, [{ labels: {}, value: targetCount }], format)),
};

const exposition = createExposition({ monitor, own, timers });

function scrape(headers: Record<string, string> = {}): Promise<Response> {
  return exposition.respond(new Request(URL_OF_METRICS, { headers }));
}

test("respond() answers in text unless OpenMetrics is asked for", async () => {
  const text = await scrape();
  expect(text.headers.get("content-type")).toBe(
    "text/plain; version=0.0.4; charset=utf-8; escaping=underscores",
  );
  expect(text.headers.get("vary")).toBe("accept, accept-encoding");
  expect(text.headers.has("content-encoding")).toBe(false);
  expect(await text.text()).not.toContain("# EOF");
  const openmetrics = await scrape({ accept: OPENMETRICS });
  expect(openmetrics.headers.get("content-type")).toBe(
    "application/openmetrics-text; version=1.0.0; charset=utf-8; escaping=underscores",
  );
  const families = readOpenMetrics(await openmetrics.text());
  expect(families[0]!.name).toBe("phi_targets");
  expect(families[0]!.samples[0]!.value).toBe(500);
  const info = families.find(({ name }) => name === "phi_target")!.samples[0]!;
  expect(info.labels.get("where")).toBe("na\u00efve \u{1f600}");
});

test("respond() compresses where it is asked to, and the text is the same", async () => {
  const plain = await (await scrape()).text();
  const response = await scrape({ "accept-encoding": "gzip" });
  expect(response.headers.get("content-encoding")).toBe("gzip");
  const bytes = await response.arrayBuffer();
  expect(bytes.byteLength).toBeLessThan(plain.length / 4);
  expect(new TextDecoder().decode(Bun.gunzipSync(bytes))).toBe(plain);
});

test("respond() to HEAD says the same and makes nothing", async () => {
  const response = await exposition.respond(new Request(URL_OF_METRICS, { method: "HEAD" }));
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toStartWith("text/plain; version=0.0.4");
  expect(response.body).toBeNull();
});

test("scrapes at the same time in different formats do not disturb each other", async () => {
  const alone = await Promise.all([scrape(), scrape({ accept: OPENMETRICS })].map(textOf));
  const headers = [{}, { accept: OPENMETRICS }, { "accept-encoding": "gzip" }, {}];
  const together = await Promise.all(
    Array.from({ length: 12 }, (_, index) => textOf(scrape(headers[index % 4]))),
  );
  for (const [index, text] of together.entries()) {
    expect(text === alone[index % 4 === 1 ? 1 : 0]).toBe(true);
  }
});

async function textOf(response: Promise<Response>): Promise<string> {
  const answer = await response;
  if (!answer.headers.has("content-encoding")) return answer.text();
  return new TextDecoder().decode(Bun.gunzipSync(await answer.arrayBuffer()));
}

test("nothing is made before it is read, and a reader who goes away stops the making", async () => {
  let turnCount = 0;
  const counting: Timers = {
    ...timers,
    yieldToLoop: () => {
      turnCount++;
      return timers.yieldToLoop();
    },
  };
  const all = createExposition({ monitor, own: NO_OWN_METRICS, timers: counting });
  const { body } = await all.respond(new Request(URL_OF_METRICS));
  await timers.yieldToLoop();
  expect(turnCount).toBe(0);
  const reader = body!.getReader();
  await reader.read();
  await reader.read();
  // While one more is under way.
  const last = reader.read();
  await reader.cancel();
  expect((await last).done).toBe(true);
  for (let turn = 0; turn < 5; turn++) {
    await timers.yieldToLoop();
  }
  const turnsAtCancel = turnCount;
  expect(turnsAtCancel).toBeLessThan(5);
  for (let turn = 0; turn < 20; turn++) {
    await timers.yieldToLoop();
  }
  expect(turnCount).toBe(turnsAtCancel);
});

test("render() tells the monitor's own metrics what it knows", async () => {
  const told: OwnFacts[] = [];
  const listening: OwnMetrics = {
    ...NO_OWN_METRICS,
    render: (_format, facts) => {
      told.push(facts);
      return Promise.resolve("");
    },
  };
  let revision = 6;
  const options = { monitor, own: listening, timers };
  const following = createExposition({ ...options, configRevision: () => ++revision });
  await Array.fromAsync(following.render("text"));
  await Array.fromAsync(createExposition(options).render("text"));
  expect(told).toEqual([
    { targetCount: 500, pausedSeconds: 1.5, configRevision: 7 },
    { targetCount: 500, pausedSeconds: 1.5, configRevision: undefined },
  ]);
});

test("compat adds the proof of concept's series, and they are not there without", async () => {
  const compat = createExposition({ monitor, own, timers, compat: true });
  const text = await (await compat.respond(new Request(URL_OF_METRICS))).text();
  expect(text).toContain('\nserver_phivalue{server_name="server7"} 0.4\n');
  expect(text).toContain('\nserver_runtime_seconds{server_name="server7"} 30\n');
  expect(await (await scrape()).text()).not.toContain("server_name");
});

test("a monitor with no targets and no own metrics is a valid exposition", async () => {
  const empty = createExposition({
    monitor: makeMonitorReading([]),
    own: NO_OWN_METRICS,
    timers,
  });
  const request = new Request(URL_OF_METRICS, { headers: { accept: OPENMETRICS } });
  expect(await (await empty.respond(request)).text()).toBe("# EOF\n");
  expect(await (await empty.respond(new Request(URL_OF_METRICS))).text()).toBe("");
});
