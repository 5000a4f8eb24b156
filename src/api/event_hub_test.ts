import { expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { FormatRegistry } from "@sinclair/typebox";
import { makeApi, type TestApi } from "./_test_api.ts";
import { FakeObservers } from "./_test_observers.ts";
import { FakeMonitor, makeWatch, WALL_ORIGIN_MS } from "./_test_world.ts";
import {
  EVENTS_A_CHUNK,
  KEEP_ALIVE_MS,
  KEPT_EVENTS,
  MAX_LISTENERS,
  MAX_WAITING_EVENTS,
  RECENT_EVENTS,
} from "./event_hub.ts";
import { SnapshotEventSchema, VerdictEventSchema } from "./schemas.ts";

FormatRegistry.Set("date-time", (text) => !Number.isNaN(Date.parse(text)));

/** What the numbers of this run are counted from. */
const FIRST_ID = (WALL_ORIGIN_MS + 60_000) * 1_000;

interface ServerSentEvent {
  readonly event: string;
  readonly id: number;
  readonly data: unknown;
}

/** Reads a stream as a browser's EventSource would; a comment is an event called `comment`. */
class EventReader {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  #text = "";

  constructor(response: Response) {
    this.#reader = response.body!.getReader();
  }

  async next(): Promise<ServerSentEvent | null> {
    for (;;) {
      const end = this.#text.indexOf("\n\n");
      if (end >= 0) {
        const block = this.#text.slice(0, end);
        this.#text = this.#text.slice(end + 2);
        return parseEvent(block);
      }
      const { done, value } = await this.#reader.read();
      if (done) return null;
      this.#text += new TextDecoder().decode(value);
    }
  }

  cancel(): Promise<void> {
    return this.#reader.cancel();
  }
}

function parseEvent(block: string): ServerSentEvent {
  if (block.startsWith(":")) return { event: "comment", id: 0, data: block.slice(2) };
  const fields = block.split("\n").map((line) => /^(\w+): (.*)$/.exec(line)!.slice(1));
  const all = (name: string) => fields.filter(([key]) => key === name).map(([, value]) => value);
  return {
    event: all("event")[0]!,
    id: Number(all("id")[0]),
    data: JSON.parse(all("data").join("\n")),
  };
}

async function listen({ call }: TestApi, lastEventId?: string): Promise<EventReader> {
  const headers = lastEventId === undefined ? {} : { "last-event-id": lastEventId };
  const response = await call("GET", "/events", { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toBe("text/event-stream");
  return new EventReader(response);
}

/** The numbers of the events in the next piece that was made of them; null at the end. */
async function nextPiece(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<readonly number[] | null> {
  const { done, value } = await reader.read();
  if (done) return null;
  return [...new TextDecoder().decode(value).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id));
}

/** Reads pieces until that event came, and says of each piece what is in it. */
async function readPiecesUntil(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  lastId: number,
): Promise<(readonly number[])[]> {
  const pieces: (readonly number[])[] = [];
  while (pieces.at(-1)?.at(-1) !== lastId) {
    const piece = await nextPiece(reader);
    if (piece === null) break;
    pieces.push(piece);
  }
  return pieces;
}

function idsAfter(id: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => id + 1 + index);
}

function watching(count: number): TestApi {
  const watches = Array.from({ length: count }, (_, i) => makeWatch({ name: `t${i}` }));
  return makeApi({ monitor: new FakeMonitor(...watches) });
}

test("GET /events starts with a snapshot and goes on with each change, numbered upwards", async () => {
  const world = watching(2);
  const reader = await listen(world);
  const snapshot = await reader.next();
  expect(snapshot).toMatchObject({ event: "snapshot", id: FIRST_ID });
  expect([...Value.Errors(SnapshotEventSchema, snapshot?.data)]).toEqual([]);
  expect(snapshot?.data).toMatchObject({
    targets: [
      { target: "t0", verdict: "up", since: "2026-01-31T12:00:01.000Z" },
      { target: "t1", verdict: "up" },
    ],
  });
  world.monitor.change("t0", "up", "suspect");
  world.monitor.change("t0", "suspect", "down");
  const first = await reader.next();
  expect([...Value.Errors(VerdictEventSchema, first?.data)]).toEqual([]);
  expect(first).toEqual({
    event: "verdict",
    id: FIRST_ID + 1,
    data: {
      target: "t0",
      from: "up",
      to: "suspect",
      phi: 8.5,
      silenceSeconds: 4.2,
      reason: "silence",
      at: "2026-01-31T12:01:00.000Z",
    },
  });
  expect(await reader.next()).toMatchObject({ id: FIRST_ID + 2, data: { to: "down" } });
});

test("a snapshot has the last events before it, the oldest first, and none that come after it", async () => {
  const world = watching(500);
  expect((await (await listen(world)).next())?.data).toHaveProperty("recent", []);
  const count = RECENT_EVENTS + 5;
  for (let i = 1; i <= count; i++) world.monitor.change(`t${i}`, "up", "down");
  const reader = await listen(world);
  // While the snapshot is sent.
  world.monitor.change("t0", "up", "suspect");
  const snapshot = await reader.next();
  expect([...Value.Errors(SnapshotEventSchema, snapshot?.data)]).toEqual([]);
  const recent = (snapshot!.data as { recent: RecentEvent[] }).recent;
  expect(recent.map(({ id, event, data }) => [id, event, data.target])).toEqual(
    Array.from({ length: RECENT_EVENTS }, (_, index) => [
      FIRST_ID + 6 + index,
      "verdict",
      `t${6 + index}`,
    ]),
  );
  expect(snapshot?.id).toBe(FIRST_ID + count);
  expect(await reader.next()).toMatchObject({ id: FIRST_ID + count + 1, data: { target: "t0" } });
});

interface RecentEvent {
  readonly id: number;
  readonly event: string;
  readonly data: { readonly target: string };
}

test("what a restarted monitor has only learnt is no recent event, but an event", async () => {
  const monitor = new FakeMonitor(makeWatch({ name: "a" }));
  const observers = new FakeObservers(monitor);
  const world = makeApi({ monitor, observers });
  observers.changeCombined("a", { from: "unknown", to: "up", isNews: false });
  observers.changeCombined("a");
  const { data } = (await (await listen(world)).next())!;
  expect(data).toMatchObject({ recent: [{ event: "combined", data: { to: "partial" } }] });
  expect(data).toHaveProperty("recent.length", 1);
  const late = await listen(world, String(FIRST_ID));
  expect((await late.next())?.event).toBe("comment");
  expect(await late.next()).toMatchObject({ event: "combined", data: { to: "up" } });
});

test("a snapshot of no targets and one of many are whole, and many are made in pieces", async () => {
  for (const count of [0, 1_000]) {
    const world = watching(count);
    const snapshot = await (await listen(world)).next();
    expect(snapshot?.data).toHaveProperty("targets.length", count);
    expect(world.timers.yieldCount).toBeGreaterThanOrEqual(count / 200);
  }
});

test("a change while the snapshot is sent comes after it", async () => {
  const world = watching(1_000);
  const reader = await listen(world);
  world.monitor.change("t0", "up", "down");
  expect(await reader.next()).toMatchObject({ event: "snapshot", id: FIRST_ID });
  expect(await reader.next()).toMatchObject({ event: "verdict", id: FIRST_ID + 1 });
});

test("Last-Event-ID gets what was missed and nothing twice", async () => {
  const world = watching(1);
  for (let i = 0; i < 5; i++) world.monitor.change(`c${i}`, "up", "down");
  const late = await listen(world, String(FIRST_ID + 3));
  expect((await late.next())?.event).toBe("comment");
  expect(await late.next()).toMatchObject({ event: "verdict", id: FIRST_ID + 4 });
  expect(await late.next()).toMatchObject({ event: "verdict", id: FIRST_ID + 5 });
  const current = await listen(world, String(FIRST_ID + 5));
  expect((await current.next())?.event).toBe("comment");
  world.monitor.change("c", "down", "up");
  expect(await current.next()).toMatchObject({ id: FIRST_ID + 6 });
  expect(await late.next()).toMatchObject({ id: FIRST_ID + 6 });
});

test("a Last-Event-ID that is too old, of another run, or nonsense gets a snapshot", async () => {
  const world = watching(1);
  for (let i = 0; i < 2 * KEPT_EVENTS; i++) world.monitor.change("t0", "up", "down");
  const ids = [FIRST_ID - 1, FIRST_ID, 5, FIRST_ID + 2 * KEPT_EVENTS + 1, "x", "-1", "1e3", ""];
  for (const id of ids) {
    const reader = await listen(world, String(id));
    expect([id, (await reader.next())?.event]).toEqual([id, "snapshot"]);
  }
  const kept = await listen(world, String(FIRST_ID + KEPT_EVENTS));
  expect((await kept.next())?.event).toBe("comment");
  expect(await kept.next()).toMatchObject({ id: FIRST_ID + KEPT_EVENTS + 1 });
});

test("what a resumed listener missed is made piece by piece as it reads, whatever happens meanwhile", async () => {
  const world = watching(1);
  const publish = (count: number) => {
    for (let i = 0; i < count; i++) world.monitor.change("t0", "up", "down");
  };
  const missedCount = 2 * KEPT_EVENTS - 1;
  publish(missedCount);
  const headers = { "last-event-id": String(FIRST_ID) };
  const response = await world.call("GET", "/events", { headers });
  for (let i = 0; i < 100; i++) await Promise.resolve();
  // The comment, which the stream has ready.
  expect(world.timers.yieldCount).toBe(1);
  const reader = response.body!.getReader();
  expect(await nextPiece(reader)).toEqual([]);
  expect((await nextPiece(reader))?.length).toBe(EVENTS_A_CHUNK);
  // What is kept is trimmed by these.
  publish(1_000);
  const pieces = await readPiecesUntil(reader, FIRST_ID + missedCount + 1_000);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBe(EVENTS_A_CHUNK);
  const expected = idsAfter(FIRST_ID + EVENTS_A_CHUNK, missedCount + 1_000 - EVENTS_A_CHUNK);
  expect(pieces.flat()).toEqual(expected);
});

test("what waits for a slow reader is handed over piece by piece, in order", async () => {
  const world = watching(1);
  const response = await world.call("GET", "/events");
  const reader = response.body!.getReader();
  expect(await nextPiece(reader)).toEqual([FIRST_ID]);
  for (let i = 0; i < 5_050; i++) world.monitor.change("t0", "up", "down");
  const pieces = await readPiecesUntil(reader, FIRST_ID + 5_050);
  expect(Math.max(...pieces.map((piece) => piece.length))).toBe(EVENTS_A_CHUNK);
  expect(pieces.flat()).toEqual(idsAfter(FIRST_ID, 5_050));
});

test("one that is dropped while it is told what it missed is told no more of it", async () => {
  const world = watching(1);
  for (let i = 0; i < KEPT_EVENTS; i++) world.monitor.change("t0", "up", "down");
  const headers = { "last-event-id": String(FIRST_ID) };
  const response = await world.call("GET", "/events", { headers });
  const reader = response.body!.getReader();
  await nextPiece(reader);
  for (let i = 0; i <= MAX_WAITING_EVENTS; i++) world.monitor.change("t0", "up", "down");
  let pieceCount = 0;
  while ((await nextPiece(reader)) !== null) pieceCount++;
  // What the stream had already.
  expect(pieceCount).toBeLessThanOrEqual(1);
});

test("one that is dropped while it is told a snapshot is told all of the snapshot", async () => {
  const world = watching(1_000);
  const reader = await listen(world);
  for (let i = 0; i <= MAX_WAITING_EVENTS; i++) world.monitor.change("t0", "up", "down");
  expect((await reader.next())?.data).toHaveProperty("targets.length", 1_000);
  expect(await reader.next()).toBeNull();
});

test("a listener that does not read is dropped, and holds up nobody", async () => {
  const world = watching(1);
  const slow = await listen(world);
  const quick = await listen(world);
  await quick.next();
  const timersBefore = world.timers.waitingCount;
  let heardCount = 0;
  for (let i = 0; i < 2 * MAX_WAITING_EVENTS; i++) {
    world.monitor.change("t0", "up", "down");
    if (i % 1_000 === 0) {
      for (; heardCount <= i; heardCount++) await quick.next();
    }
  }
  expect(world.timers.waitingCount).toBe(timersBefore - 1);
  expect((await slow.next())?.event).toBe("snapshot");
  expect(await slow.next()).toBeNull();
  expect(await quick.next()).toMatchObject({ event: "verdict", id: FIRST_ID + heardCount + 1 });
});

test("a comment comes every 15 seconds, but none to a listener that has not read the last", async () => {
  const world = watching(1);
  const reader = await listen(world);
  await reader.next();
  world.timers.advance(KEEP_ALIVE_MS - 1);
  world.monitor.change("t0", "up", "down");
  expect((await reader.next())?.event).toBe("verdict");
  world.timers.advance(1);
  expect((await reader.next())?.event).toBe("comment");
  for (let i = 0; i < 10; i++) world.timers.advance(KEEP_ALIVE_MS);
  expect((await reader.next())?.event).toBe("comment");
  world.monitor.change("t0", "down", "up");
  expect((await reader.next())?.event).not.toBe("snapshot");
});

test("a listener that goes away, by itself or with close(), leaves nothing behind", async () => {
  const world = watching(1);
  const gone = await listen(world);
  await gone.next();
  const staying = await listen(world);
  expect(world.timers.waitingCount).toBe(2);
  await gone.cancel();
  expect(world.timers.waitingCount).toBe(1);
  await staying.next();
  const waiting = staying.next();
  world.api.close();
  expect(await waiting).toBeNull();
  expect(world.timers.waitingCount).toBe(0);
  expect(world.monitor.listenerCount).toBe(0);
});

test("HEAD /events opens no stream", async () => {
  const world = watching(1);
  const response = await world.call("HEAD", "/events");
  expect([response.status, response.body]).toEqual([200, null]);
  await Promise.resolve();
  expect(world.timers.waitingCount).toBe(0);
});

test("more than a thousand listeners are refused with 503", async () => {
  const world = watching(0);
  const readers: EventReader[] = [];
  for (let i = 0; i < MAX_LISTENERS; i++) readers.push(await listen(world));
  const refused = await world.call("GET", "/events");
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("10");
  await readers[0]?.cancel();
  await listen(world);
});
