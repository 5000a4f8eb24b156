import { expect, test } from "bun:test";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import type { HistoryStorageOptions } from "../bun/mod.ts";
import { encodeSavedWatch, type SavedRecord } from "../history/mod.ts";
import type { SavedWatch } from "../monitor/mod.ts";
import { openHistory } from "./open_history.ts";
import type { MonitorArguments } from "./monitor_flags.ts";

const FLAGS: MonitorArguments = {
  httpBind: { host: "127.0.0.1", port: 8_000 },
  raftBind: { host: "127.0.0.1", port: 7_000 },
  datadir: "/data",
  historyDays: 7,
  historyMaxBytes: 2 ** 28,
};

const SAVED: SavedWatch = {
  target: "a",
  question: "0123456789abcdef",
  verdict: "up",
  verdictSinceWallMs: 1,
  lastHeartbeatWallMs: 2,
  answerMs: 3,
  windowUs: Float64Array.of(1e6),
  memory: new Float64Array(0),
  budget: new Float64Array(0),
  savedWallMs: 4,
};

const storage = {
  write: () => {},
  read: () => Promise.reject(new Error("not here")),
  close: () => Promise.resolve(),
  sizeBytes: 0,
};

function world(saved: Promise<readonly SavedRecord[]>) {
  const time = new VirtualTime();
  const opened: HistoryStorageOptions[] = [];
  const told: string[] = [];
  const grants = {
    clock: time,
    timers: time,
    tell: (level: string, line: string) => void told.push(`${level}: ${line}`),
    openHistoryStorage: (options: HistoryStorageOptions) => {
      opened.push(options);
      return { storage, saved };
    },
  };
  return { time, opened, told, open: (flags = {}) => openHistory({ ...FLAGS, ...flags }, grants) };
}

test("openHistory() recalls each target once, and nothing of what cannot be read", async () => {
  const records = [
    { target: "a", bytes: encodeSavedWatch(SAVED) },
    { target: "b", bytes: new Uint8Array(80) },
  ];
  const { open, opened, told } = world(Promise.resolve(records));
  const history = (await open())!;
  expect(history.recall("a")).toEqual(SAVED);
  expect(["a", "b", "c"].map(history.recall)).toEqual([undefined, undefined, undefined]);
  expect(opened[0]).toMatchObject({
    directory: "/data",
    limits: { maxAgeMs: 7 * 86_400_000, maxBytes: 2 ** 28 },
  });
  expect(told).toEqual([]);
  opened[0]!.onNotice("it is put aside");
  expect(told).toEqual(["warning: history: it is put aside"]);
});

test("openHistory() opens none where none is to be kept", async () => {
  const { open, opened } = world(Promise.resolve([]));
  for (const flags of [{ datadir: ":memory:" }, { historyDays: 0 }, { historyMaxBytes: 0 }]) {
    expect(await open(flags)).toBeUndefined();
  }
  expect(opened).toEqual([]);
});

test("openHistory() does not wait for a disk for ever: the history is kept, and nothing recalled", async () => {
  const { time, open, told } = world(new Promise(() => {}));
  const opening = open();
  time.pass(5_000);
  const history = (await opening)!;
  expect([history.storage, history.recall("a")]).toEqual([storage, undefined]);
  expect(told).toEqual([expect.stringContaining("warning: history: the disk keeps it waiting")]);
});

test("openHistory() leaves no timer behind", async () => {
  const { time, open } = world(Promise.resolve([]));
  await open();
  expect(time.waitingCount).toBe(0);
});
