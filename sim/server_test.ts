import { describe, expect, test } from "bun:test";
import { VirtualTime } from "../test/kit/virtual_time.ts";
import { HEALTHY } from "./control.ts";
import { createSimServer } from "./server.ts";

/** A server, the time it lives in, and chance that always falls the same way. */
function setUp(draws: readonly number[] = []) {
  const time = new VirtualTime();
  let drawn = 0;
  const random = () => draws[drawn++ % draws.length] ?? 0.5;
  const server = createSimServer({ random, timers: time });
  const ask = (method: string, path: string, init: RequestInit = {}) =>
    server.fetch(new Request(`http://sim${path}`, { method, ...init }));
  return {
    time,
    server,
    ask,
    heartbeat: (signal?: AbortSignal) => ask("GET", "/heartbeat", signal ? { signal } : {}),
    control: (body: unknown) => ask("POST", "/control", { body: JSON.stringify(body) }),
    settings: async () => (await ask("GET", "/control")).json(),
  };
}

/** What became of a promise once everything that could run has run. */
async function stateOf(promise: Promise<Response>): Promise<number | "pending"> {
  let state: number | "pending" = "pending";
  void promise.then((response) => (state = response.status));
  await Bun.sleep(0);
  return state;
}

describe("GET /heartbeat", () => {
  test("answers 200 with a tiny body when nothing else was asked for", async () => {
    const response = await setUp().heartbeat();
    expect(response.status).toBe(200);
    expect(await response.text()).toBe("ok\n");
  });

  test("waits for the delay, and not longer", async () => {
    const { time, heartbeat, control } = setUp();
    await control({ delay: 10 });
    const answer = heartbeat();
    expect(await stateOf(answer)).toBe("pending");
    time.pass(9_999);
    expect(await stateOf(answer)).toBe("pending");
    time.pass(1);
    expect(await stateOf(answer)).toBe(200);
  });

  test("adds a share of the jitter that chance decides", async () => {
    // The second of three draws is the jitter's.
    const { time, heartbeat, control } = setUp([0.9, 0.25, 0.9]);
    await control({ delay: 1, jitter: 2 });
    const answer = heartbeat();
    expect(await stateOf(answer)).toBe("pending");
    time.pass(1_499);
    expect(await stateOf(answer)).toBe("pending");
    time.pass(1);
    expect(await stateOf(answer)).toBe(200);
  });

  test("answers 500 at the error rate, and the status set at all other times", async () => {
    const { heartbeat, control } = setUp([0.9, 0.9, 0.29, 0.9, 0.9, 0.3]);
    await control({ errorRate: 0.3, status: 503 });
    const statuses = [await heartbeat(), await heartbeat()].map((response) => response.status);
    expect(statuses).toEqual([500, 503]);
  });

  test.each([204, 205, 304])("status %p comes without a body", async (status) => {
    const { heartbeat, control } = setUp();
    await control({ status });
    const response = await heartbeat();
    expect(response.status).toBe(status);
    expect(response.body).toBeNull();
  });

  test("a dropped request is never answered, and is let go when its client goes away", async () => {
    const { time, heartbeat, control } = setUp();
    await control({ dropRate: 1 });
    const client = new AbortController();
    const answer = heartbeat(client.signal);
    time.pass(24 * 3_600_000);
    expect(await stateOf(answer)).toBe("pending");
    client.abort();
    expect(await stateOf(answer)).toBe(503);
  });

  test("drops at the drop rate", async () => {
    const { heartbeat, control } = setUp([0.2, 0, 0, 0.4, 0, 0]);
    await control({ dropRate: 0.3 });
    expect(await stateOf(heartbeat())).toBe("pending");
    expect(await stateOf(heartbeat())).toBe(200);
  });

  test("a client that goes away during a delay leaves no timer behind", async () => {
    const { time, heartbeat, control } = setUp();
    await control({ delay: 10 });
    const client = new AbortController();
    const answer = heartbeat(client.signal);
    await Bun.sleep(0);
    expect(time.waitingCount).toBe(1);
    client.abort();
    expect(time.waitingCount).toBe(0);
    expect(await stateOf(answer)).toBe(503);
  });

  test("nothing is answered while paused; what waits is answered when it goes on", async () => {
    const { heartbeat, control } = setUp();
    await control({ paused: true });
    const client = new AbortController();
    const [first, gone] = [heartbeat(), heartbeat(client.signal)];
    expect(await stateOf(first)).toBe("pending");
    client.abort();
    expect(await stateOf(gone)).toBe(503);
    await control({ delay: 1 });
    expect(await stateOf(first)).toBe("pending");
    await control({ paused: false });
    expect(await stateOf(first)).toBe(200);
  });

  test("close() lets go of every request", async () => {
    const { server, time, heartbeat, control } = setUp([0, 0, 0, 0.9, 0, 0]);
    await control({ dropRate: 0.5, delay: 5 });
    const [dropped, delayed] = [heartbeat(), heartbeat()];
    await Bun.sleep(0);
    server.close();
    expect([await stateOf(dropped), await stateOf(delayed)]).toEqual([503, 503]);
    expect(time.waitingCount).toBe(0);
  });
});

describe("/control", () => {
  test("shows a healthy server at first", async () => {
    expect(await setUp().settings()).toEqual(HEALTHY);
  });

  test("a part of the settings leaves the rest as it was, and answers with all of them", async () => {
    const { control } = setUp();
    await control({ delay: 2, errorRate: 0.1 });
    const response = await control({ errorRate: 0, paused: false });
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ ...HEALTHY, delay: 2 });
  });

  test("takes a body whatever its content type says, as an old curl's -d sends it", async () => {
    const { ask, settings } = setUp();
    const headers = { "content-type": "application/x-www-form-urlencoded" };
    await ask("POST", "/control", { headers, body: '{"delay":1}' });
    expect(await settings()).toEqual({ ...HEALTHY, delay: 1 });
  });

  test.each([
    [{ dealy: 1 }, '"dealy" is not a setting; there are delay, jitter, '],
    [{ delay: -1 }, '"delay" must be a number of seconds from 0 to 3600, received -1'],
    [{ delay: "10" }, '"delay" must be a number of seconds from 0 to 3600, received "10"'],
    [{ delay: 1, jitter: 3_601 }, '"jitter" must be a number of seconds from 0 to 3600'],
    [{ delay: 1, errorRate: 1.01 }, '"errorRate" must be a number from 0 to 1, received 1.01'],
    [{ dropRate: null }, '"dropRate" must be a number from 0 to 1, received null'],
    [{ status: 99 }, '"status" must be a whole number from 200 to 599, received 99'],
    [{ status: 200.5 }, '"status" must be a whole number from 200 to 599'],
    [{ paused: 1 }, '"paused" must be true or false, received 1'],
    [{ constructor: 1 }, '"constructor" is not a setting'],
    [[], "The body must be an object with any of delay, "],
    [null, "The body must be an object"],
    [10, "The body must be an object"],
  ])("%j is refused with what to do, and changes nothing", async (body, detail) => {
    const { control, settings } = setUp();
    const response = await control(body);
    expect(response.status).toBe(422);
    expect(response.headers.get("content-type")).toBe("application/problem+json");
    const problem = await response.json();
    expect(problem.detail).toContain(detail);
    expect(problem.errors.length).toBe(1);
    expect(await settings()).toEqual(HEALTHY);
  });

  test.each(["", "{delay:1}", '{"delay":NaN}'])("%j is not JSON: 400", async (body) => {
    const { ask, settings } = setUp();
    const response = await ask("POST", "/control", { body });
    expect(response.status).toBe(400);
    expect((await response.json()).detail).toBe('The body must be JSON, for example {"delay": 10}');
    expect(await settings()).toEqual(HEALTHY);
  });

  test("other routes are 404 and say which ones there are", async () => {
    const response = await setUp().ask("DELETE", "/control");
    expect(response.status).toBe(404);
    expect((await response.json()).detail).toContain("GET /heartbeat");
  });
});
