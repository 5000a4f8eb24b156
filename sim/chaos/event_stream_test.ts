import { describe, expect, test } from "bun:test";
import { EventStreamReader } from "./event_stream.ts";
import { notesOf } from "./recorder.ts";

const STREAM = `: still here

id: 7
event: snapshot
data: {"at":"2026","targets":[
data: {"target":"a","verdict":"up","since":null},
data: {"target":"b","verdict":"down","since":null,"combined":"partial"}
data: ]}

id: 8
event: verdict
data: {"target":"a","from":"up","to":"suspect","phi":8}

id: 9
event: combined
data: {"target":"b","from":"partial","to":"down","dissenters":[]}

data: plain

`;

describe("EventStreamReader", () => {
  test("gives the same events however the text is cut, and whatever its lines end with", () => {
    const whole = new EventStreamReader().read(STREAM);
    expect(whole.map(({ type }) => type)).toEqual(["snapshot", "verdict", "combined", "message"]);
    for (const text of [STREAM, STREAM.replaceAll("\n", "\r\n")]) {
      const reader = new EventStreamReader();
      expect(text.split("").flatMap((letter) => reader.read(letter))).toEqual(whole);
    }
  });

  test("an event that is not complete is not there", () => {
    expect(new EventStreamReader().read("event: verdict\ndata: {}\n")).toEqual([]);
  });
});

test("notesOf() tells the verdicts of a snapshot and of a change, and of nothing else", () => {
  const events = new EventStreamReader().read(STREAM);
  expect(events.flatMap(notesOf)).toEqual([
    { scope: "own", target: "a", verdict: "up", isChange: false },
    { scope: "own", target: "b", verdict: "down", isChange: false },
    { scope: "together", target: "b", verdict: "partial", isChange: false },
    { scope: "own", target: "a", verdict: "suspect", isChange: true },
    { scope: "together", target: "b", verdict: "down", isChange: true },
  ]);
  expect(notesOf({ type: "verdict", data: "{" })).toEqual([]);
  expect(notesOf({ type: "verdict", data: '{"target":"a","to":"asleep"}' })).toEqual([]);
});
