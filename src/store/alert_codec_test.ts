import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  decodeAlertAnswer,
  decodeAlertCommand,
  decodeAlertContents,
  encodeAlertAnswer,
  encodeAlertCommand,
  encodeAlertContents,
} from "./alert_codec.ts";
import type { AlertAnswer } from "./alert_record.ts";
import { AlertState } from "./alert_state.ts";
import { anyCommand, close, notify, open, settle, silence } from "./_test_alert_commands.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (version: number, json: string) =>
  Uint8Array.of(version, ...new TextEncoder().encode(json));

describe("a command in bytes", () => {
  test("is what it was", () => {
    fc.assert(
      fc.property(anyCommand, (command) => {
        expect(decodeAlertCommand(encodeAlertCommand(command))).toEqual({
          ok: true,
          value: command,
        });
      }),
    );
  });

  // Another text here means that a cluster cannot be rolled from one version of phi to the next.
  test("looks as it always did", () => {
    const lines = [open("a"), close(1), notify("r", [1], [2]), settle(3), silence("x")];
    expect(lines.map((command) => text(encodeAlertCommand(command)))).toEqual([
      '\u0002{"part":"alerts","kind":"open","wallMs":1000,"incidents":[{"target":"a",' +
        '"verdict":"down","labels":{},"reason":"no answer","sinceWallMs":900}]}',
      '\u0002{"part":"alerts","kind":"close","incidents":[{"number":1,"wallMs":2000,' +
        '"reason":"up","isSilenced":false}]}',
      '\u0002{"part":"alerts","kind":"notify","wallMs":1500,"notices":[{"receiver":"r",' +
        '"group":{},"firing":[1],"resolved":[2]}]}',
      '\u0002{"part":"alerts","kind":"settle","outcomes":[{"number":3,"isDelivered":true}]}',
      '\u0002{"part":"alerts","kind":"silence","silence":{"id":"x","matchers":[{"name":"target",' +
        '"isEqual":true,"pattern":"db-*"}],"startsWallMs":1000,"endsWallMs":5000,"author":"me",' +
        '"comment":"disk","createdWallMs":1000}}',
    ]);
  });

  test.each([
    ["a later format version", bytesOf(3, '{"part":"alerts","kind":"forget","numbers":[]}')],
    ["another part", bytesOf(2, '{"part":"views","kind":"forget","numbers":[]}')],
    ["another kind", bytesOf(2, '{"part":"alerts","kind":"escalate","numbers":[]}')],
    ["a field of a later version", bytesOf(2, '{"part":"alerts","kind":"forget","why":""}')],
    ["another kind's field", bytesOf(2, '{"part":"alerts","kind":"forget","numbers":[],"id":""}')],
  ])("%s is told from damage", (_, bytes) => {
    expect(decodeAlertCommand(bytes)).toMatchObject({ ok: false, isLater: true });
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["the config's version", bytesOf(1, '{"part":"alerts","kind":"forget","numbers":[]}')],
    ["no JSON", bytesOf(2, '{"part":')],
    ["no part", bytesOf(2, '{"kind":"forget","numbers":[]}')],
    ["a number that is a text", bytesOf(2, '{"part":"alerts","kind":"forget","numbers":["1"]}')],
    ["a number of 0", bytesOf(2, '{"part":"alerts","kind":"forget","numbers":[0]}')],
    ["nothing to open", bytesOf(2, '{"part":"alerts","kind":"open","wallMs":1}')],
  ])("%s is an error", (_, bytes) => {
    expect(decodeAlertCommand(bytes)).toMatchObject({ ok: false, isLater: false });
  });
});

test("an answer in bytes is what it was", () => {
  const answers: AlertAnswer[] = [
    { ok: true, count: 0 },
    { ok: false, reason: "too_many_silences", limit: 5 },
    { ok: false, reason: "silence_exists" },
    { ok: false, reason: "unknown_silence" },
  ];
  for (const answer of answers) {
    expect(decodeAlertAnswer(encodeAlertAnswer(answer))).toEqual({ ok: true, value: answer });
  }
  const unknown = decodeAlertAnswer(bytesOf(2, '{"ok":false,"reason":"too_late"}'));
  expect(unknown).toMatchObject({ ok: false, isLater: true });
});

describe("a record in bytes", () => {
  const state = new AlertState();
  const commands = [open("a", "b"), notify("r", [1]), settle(3), close(1), notify("r", [2], [1])];
  for (const command of [...commands, silence("x")]) state.apply(command);
  const written = text(encodeAlertContents(state.contents()));

  test("is what it was, and looks as it always did", () => {
    expect(decodeAlertContents(encodeAlertContents(state.contents()))).toEqual({
      ok: true,
      value: state.contents(),
    });
    const common = '"verdict":"down","labels":{},"reason":"no answer","sinceWallMs":900,';
    expect(written).toBe(
      '\u0002{"nextNumber":5,"droppedCount":0,"incidents":[' +
        `{"number":1,"target":"a",${common}"openedWallMs":1000,` +
        '"closing":{"wallMs":2000,"reason":"up","isSilenced":false},"told":[["r","firing"]]},' +
        `{"number":2,"target":"b",${common}"openedWallMs":1000,"told":[]}],` +
        '"notices":[{"number":4,"receiver":"r","group":{},"firing":[2],"resolved":[1],"atWallMs":1500}],' +
        '"silences":[{"id":"x","matchers":[{"name":"target","isEqual":true,"pattern":"db-*"}],' +
        '"startsWallMs":1000,"endsWallMs":5000,"author":"me","comment":"disk","createdWallMs":1000}]}',
    );
  });

  test.each([
    ["a number that was never given", '"nextNumber":5', '"nextNumber":4'],
    ["numbers that do not rise", '"number":2', '"number":1'],
    ["a number of a text", '"droppedCount":0', '"droppedCount":"0"'],
    ["another telling", '["r","firing"]', '["r","shouted"]'],
    ["a field that is not known", '"closing":{', '"closing":{"by":"x",'],
  ])("%s is refused", (_, part, instead) => {
    expect(written).toContain(part);
    const bytes = new TextEncoder().encode(written.replace(part, instead));
    expect(decodeAlertContents(bytes)).toMatchObject({ ok: false });
  });

  test("two open incidents of one target and verdict are refused", () => {
    const both = written
      .replace('"target":"b"', '"target":"a"')
      .replace(/"closing":\{[^}]*\},/u, "");
    const bytes = new TextEncoder().encode(both);
    expect(decodeAlertContents(bytes)).toMatchObject({
      ok: false,
      detail: "two open incidents are the same",
    });
  });
});
