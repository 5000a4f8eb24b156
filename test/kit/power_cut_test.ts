import { expect, test } from "bun:test";
import { PowerCutDisk } from "./power_cut.ts";
import type { FileEvent } from "./system_calls.ts";

function diskAfter(...events: readonly FileEvent[]): PowerCutDisk {
  const disk = new PowerCutDisk();
  for (const event of events) disk.apply(event);
  return disk;
}

function write(place: number, ...bytes: readonly number[]): FileEvent {
  return { kind: "write", file: "f", place, bytes: Uint8Array.from(bytes) };
}

const CREATE: FileEvent = { kind: "create", file: "f" };
const SYNC: FileEvent = { kind: "sync", file: "f" };
const SYNC_DIRECTORY: FileEvent = { kind: "syncDirectory" };

test("syncedState() has no bytes and no names that were not synced", () => {
  const disk = diskAfter(CREATE, write(0, 1, 2), SYNC, write(1, 3));
  expect(disk.syncedState()).toEqual(new Map());
  disk.apply(SYNC_DIRECTORY);
  disk.apply({ kind: "rename", file: "f", to: "g" });
  expect(disk.syncedState()).toEqual(new Map([["f", Uint8Array.of(1, 2)]]));
});

test("a file that is cut off and written further on has zeros in between", () => {
  const cutOff: FileEvent = { kind: "truncate", file: "f", length: 1 };
  const disk = diskAfter(CREATE, SYNC_DIRECTORY, write(0, 1, 2, 3), cutOff, write(4, 5), SYNC);
  expect(disk.syncedState()).toEqual(new Map([["f", Uint8Array.of(1, 0, 0, 0, 5)]]));
});

test("stateAfterCut() keeps each sector of a write that was not synced, or does not", () => {
  const sectors = Array.from({ length: 1_024 }, (_, place) => (place < 512 ? 1 : 2));
  const disk = diskAfter(CREATE, SYNC_DIRECTORY, write(0, ...sectors));
  // Which files there are, then how a file is torn, then its sectors.
  const choices = [0, 0.9, 0.9, 0.1];
  const found = disk.stateAfterCut(() => choices.shift()!).get("f")!;
  expect([...new Set(found.subarray(0, 512))]).toEqual([0]);
  expect([...new Set(found.subarray(512))]).toEqual([2]);
});
