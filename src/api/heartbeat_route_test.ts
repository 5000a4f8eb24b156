import { describe, expect, test } from "bun:test";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeMonitor, makeWatch } from "./_test_world.ts";

function pushed(): FakeMonitor {
  return new FakeMonitor(makeWatch({ name: "job", url: "push:" }));
}

describe.each([true, false])("with aot: %p", (aot) => {
  test("POST /heartbeat/:name needs no body and no Content-Type", async () => {
    const monitor = pushed();
    const { call } = makeApi({ monitor }, { aot });
    for (const init of [{}, { body: "" }, { body: "", headers: { "content-type": "text/x" } }]) {
      const response = await call("POST", "/heartbeat/job", init);
      expect(response.status).toBe(204);
      expect(response.body).toBeNull();
    }
    expect(monitor.heartbeats).toEqual([
      ["job", undefined],
      ["job", undefined],
      ["job", undefined],
    ]);
  });

  test("POST /heartbeat/:name takes a sequence number from the query or the body", async () => {
    const monitor = pushed();
    const { call } = makeApi({ monitor }, { aot });
    const form = { "content-type": "application/x-www-form-urlencoded" };
    const json = { "content-type": "application/json" };
    await call("POST", "/heartbeat/job?sequence=0");
    await call("POST", "/heartbeat/job?sequence=9007199254740991");
    await call("POST", "/heartbeat/job", { body: '{"sequence":7}', headers: json });
    await call("POST", "/heartbeat/job", { body: '{"sequence":8}', headers: form });
    await call("POST", "/heartbeat/job", { body: "{}" });
    expect(monitor.heartbeats.map(([, sequence]) => sequence)).toEqual([
      0,
      9007199254740991,
      7,
      8,
      undefined,
    ]);
  });

  test("POST /heartbeat/:name with a bad sequence number is 400 and no heartbeat", async () => {
    const monitor = pushed();
    const { call } = makeApi({ monitor }, { aot });
    for (const query of ["-1", "1.5", "", "x", "9007199254740992", "1e3", "99999999999999999999"]) {
      const response = await call("POST", `/heartbeat/job?sequence=${query}`);
      expect([query, (await readProblem(response)).status]).toEqual([query, 400]);
    }
    const bodies = [
      "[1]",
      "7",
      "null",
      "{",
      "sequence=1",
      '{"sequence":"7"}',
      '{"sequence":-1}',
      '{"sequence":1.5}',
      '{"sequence":1e999}',
      '{"sequence":null}',
      '{"sequence":1,"x":2}',
      '{"x~/":2}',
      '{"sequence":1,"sequence":1}',
      '{"__proto__":{"sequence":1}}',
      `${"[".repeat(200)}${"]".repeat(200)}`,
      new Uint8Array([0xff]),
    ];
    for (const body of bodies) {
      const response = await call("POST", "/heartbeat/job", { body });
      expect([body, (await readProblem(response)).status]).toEqual([body, 400]);
    }
    const both = await call("POST", "/heartbeat/job?sequence=1", { body: '{"sequence":1}' });
    expect(both.status).toBe(400);
    for (const twice of ["sequence=7&sequence=900", "sequence=7&sequence=7"]) {
      const response = await call("POST", `/heartbeat/job?${twice}`);
      expect([twice, response.status]).toEqual([twice, 400]);
    }
    expect(monitor.heartbeats).toEqual([]);
  });

  test("POST /heartbeat/:name says why a heartbeat does not count", async () => {
    const monitor = pushed();
    const { call } = makeApi({ monitor }, { aot });
    for (const [result, status] of [
      ["stale", 409],
      ["not_pushed", 409],
      ["unknown_target", 404],
    ] as const) {
      monitor.heartbeatResult = result;
      const document = await readProblem(await call("POST", "/heartbeat/job?sequence=1"));
      expect(document.status).toBe(status);
      if (status === 409) expect(document.type).toContain(result);
    }
    monitor.heartbeatResult = null;
    expect((await call("POST", "/heartbeat/%zz")).status).toBe(404);
  });
});
