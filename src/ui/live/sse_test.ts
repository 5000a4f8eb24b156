import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { type ServerEvent, SseParser } from "./sse.ts";

const STREAM =
  'id: 7\nevent: snapshot\ndata: {"at":1,"targets":[\ndata: {"target":"a"},\ndata: {"target":"b"}\ndata: ]}\n\n' +
  ": still here\n\n" +
  "id: 8\nevent: verdict\ndata:{}\n\n" +
  "data: alone\n\n" +
  "id: 9\nevent: verdict\ndata: not ended\n";

const EVENTS: ServerEvent[] = [
  { id: "7", name: "snapshot", data: '{"at":1,"targets":[\n{"target":"a"},\n{"target":"b"}\n]}' },
  { id: "8", name: "verdict", data: "{}" },
  { id: "", name: "message", data: "alone" },
];

test("SseParser gives the same events wherever the pieces end", () => {
  expect(new SseParser().push(STREAM)).toEqual(EVENTS);
  const cuts = fc.array(fc.integer({ min: 0, max: STREAM.length }), { maxLength: 12 });
  fc.assert(
    fc.property(cuts, (places) => {
      const parser = new SseParser();
      const edges = [0, ...places.toSorted((left, right) => left - right), STREAM.length];
      const events = edges.slice(1).flatMap((end, at) => parser.push(STREAM.slice(edges[at], end)));
      expect(events).toEqual(EVENTS);
    }),
  );
});

test("SseParser tells an event only once its empty line is here", () => {
  const parser = new SseParser();
  expect(parser.push("event: verdict\ndata: 1\n")).toEqual([]);
  expect(parser.push("\n")).toEqual([{ id: "", name: "verdict", data: "1" }]);
  expect(parser.push("\n\n: comment\n\n")).toEqual([]);
});
