import { afterEach, beforeEach, describe, expect, spyOn, test } from "bun:test";
import edge from "./edge.ts";

/** What `performance` and `Date` say; workerd's `performance` is the wall clock, as here. */
let wallMs = 1_800_000_000_000;
let spies: readonly { mockRestore(): void }[] = [];

beforeEach(() => {
  spies = [
    spyOn(performance, "now").mockImplementation(() => wallMs),
    spyOn(Date, "now").mockImplementation(() => wallMs),
  ];
});

afterEach(() => {
  for (const spy of spies) spy.mockRestore();
});

const CONFIG = 'servers: [{ name: a, url: "push:", monitor: { minStdDeviationMillis: 100 } }]';

async function ask(method: string, path: string): Promise<Response> {
  return edge.fetch(new Request(`http://127.0.0.1${path}`, { method }), { CONFIG });
}

async function look(): Promise<Record<string, unknown>> {
  return (await (await ask("GET", "/targets/a")).json()) as Record<string, unknown>;
}

async function beats(count: number): Promise<void> {
  for (let index = 0; index < count; index++) {
    wallMs += 1_000;
    expect((await ask("POST", "/heartbeat/a")).status).toBe(204);
  }
}

describe("edge.fetch()", () => {
  test("dates a change of verdict to its own moment, by the wall clock", async () => {
    await beats(10);
    const lastMs = wallMs;
    wallMs += 60_000;
    const { verdict, verdictSince, silenceSeconds } = await look();
    expect({ verdict, silenceSeconds }).toEqual({ verdict: "down", silenceSeconds: 60 });
    const afterMs = Date.parse(String(verdictSince)) - lastMs;
    expect(afterMs).toBeGreaterThan(1_500);
    expect(afterMs).toBeLessThan(2_500);
  });

  test("goes on judging at once when its clock was set back by an hour", async () => {
    await beats(10);
    expect(await look()).toMatchObject({ verdict: "up" });
    wallMs -= 3_600_000;
    expect(await look()).toMatchObject({ verdict: "up", silenceSeconds: 0 });
    wallMs += 1_000;
    expect(await look()).toMatchObject({ verdict: "up", silenceSeconds: 1 });
    wallMs += 9_000;
    expect(await look()).toMatchObject({ verdict: "down", silenceSeconds: 10 });
  });

  test("tells who listens of a silence as soon as anybody looks", async () => {
    await beats(10);
    const events = await ask("GET", "/events");
    const reader = events.body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader.read()).value).toContain('"target":"a","verdict":"up"');
    wallMs += 10_000;
    await ask("GET", "/healthz");
    expect((await reader.read()).value).toContain('"from":"up","to":"suspect"');
    await reader.cancel();
  });
});
