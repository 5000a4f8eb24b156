import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyWrite } from "../../test/kit/config_store_twin.ts";
import { anyTargetInput } from "../../test/kit/arbitrary_target.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { decodeTarget } from "../config/mod.ts";
import {
  contentsParts,
  decodeContents,
  decodeDecided,
  decodeWrite,
  encodeContents,
  encodeDecided,
  encodeWrite,
} from "./config_codec.ts";
import { ConfigState } from "./config_state.ts";
import type { DecidedResult } from "./store.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytesOf = (version: number, json: string) =>
  Uint8Array.of(version, ...new TextEncoder().encode(json));

describe("a write in bytes", () => {
  test("is what it was, whatever the schema takes", () => {
    fc.assert(
      fc.property(anyTargetInput, anyWrite, (input, write) => {
        const decoded = decodeTarget(input);
        fc.pre(decoded.ok);
        for (const each of [{ kind: "put" as const, target: decoded.target }, write]) {
          expect(decodeWrite(encodeWrite(each))).toEqual({ ok: true, value: each });
        }
      }),
    );
  });

  // Another text here means that a cluster cannot be rolled from one version of phi to the next.
  test("looks as it always did", () => {
    const byDefault = makeTarget();
    expect(text(encodeWrite({ kind: "put", target: byDefault }))).toBe(
      '\u0001{"kind":"put","target":{"name":"server1","url":"http://127.0.0.1:8081/heartbeat"}}',
    );
    const special = makeTarget({
      intervalMillis: 500,
      headers: { "x-a": "b" },
      expect: { status: [204], maxBodyBytes: 65_536 },
      monitor: { threshold: 8 },
    });
    const idempotency = { key: "k", digest: "d" };
    expect(
      text(encodeWrite({ kind: "replace", targets: [special], ifMatch: 5, idempotency })),
    ).toBe(
      '\u0001{"kind":"replace","ifMatch":5,"idempotency":{"key":"k","digest":"d"},"targets":[{' +
        '"name":"server1","url":"http://127.0.0.1:8081/heartbeat","intervalMillis":500,' +
        '"headers":{"x-a":"b"},"expect":{"status":[204]},' +
        '"monitor":{"threshold":8,"firstHeartbeatEstimateMillis":1000}}]}',
    );
  });

  test("of a target with a model or a budget is in a format of its own", () => {
    const monitor = { model: "fixed" as const, fixedTimeoutMillis: 5_000 };
    const target = makeTarget({ monitor });
    expect(text(encodeWrite({ kind: "put", target }))).toBe(
      '\u0003{"kind":"put","target":{"name":"server1","url":"http://127.0.0.1:8081/heartbeat",' +
        '"monitor":{"model":"fixed","fixedTimeoutMillis":5000}}}',
    );
  });

  test("of an older writer gets the defaults that it meant", () => {
    const decoded = decodeWrite(
      bytesOf(1, '{"kind":"put","target":{"name":"a","url":"push:","monitor":{"threshold":8}}}'),
    );
    const target = makeTarget({ name: "a", url: "push:", monitor: { threshold: 8 } });
    expect(decoded).toEqual({ ok: true, value: { kind: "put", target } });
  });

  test.each([
    ["a later format version", bytesOf(4, '{"kind":"delete","name":"a"}')],
    ["a field of a later version", bytesOf(1, '{"kind":"delete","name":"a","cascade":true}')],
    ["a kind of a later version", bytesOf(1, '{"kind":"rename","name":"a"}')],
    ["a target's field", bytesOf(1, '{"kind":"put","target":{"name":"a","url":"b","retries":3}}')],
    ["a kind of write that is not the config's", bytesOf(2, '{"kind":"delete","name":"a"}')],
    [
      "a budget in the format of those who know none",
      bytesOf(
        1,
        '{"kind":"put","target":{"name":"a","url":"b","monitor":{"falseAlarmsPerMonth":1}}}',
      ),
    ],
    [
      "a model of a version later still",
      bytesOf(3, '{"kind":"put","target":{"name":"a","url":"b","monitor":{"model":"chen"}}}'),
    ],
    [
      "a model of a later version",
      bytesOf(1, '{"kind":"put","target":{"name":"a","url":"b","monitor":{"model":"fixed"}}}'),
    ],
  ])("%s is told from damage", (_, bytes) => {
    expect(decodeWrite(bytes)).toMatchObject({ ok: false, isLater: true });
  });

  test.each([
    ["nothing", new Uint8Array()],
    ["format version 0", bytesOf(0, '{"kind":"delete","name":"a"}')],
    ["no JSON", bytesOf(1, '{"kind":')],
    ["no UTF-8", Uint8Array.of(1, 0x22, 0xff, 0x22)],
    ["a list", bytesOf(1, "[]")],
    ["a name that is a number", bytesOf(1, '{"kind":"delete","name":1}')],
    ["an interval that is a text", bytesOf(1, '{"kind":"put","target":{"intervalMillis":"1"}}')],
    ["a precondition of a half", bytesOf(1, '{"kind":"delete","name":"a","ifMatch":0.5}')],
    [
      "an empty key",
      bytesOf(1, '{"kind":"delete","name":"a","idempotency":{"key":"","digest":"d"}}'),
    ],
  ])("%s is an error", (_, bytes) => {
    expect(decodeWrite(bytes)).toMatchObject({ ok: false, isLater: false });
  });
});

test("an answer in bytes is what it was", () => {
  const results: DecidedResult[] = [
    { ok: true, revision: 7, created: true },
    { ok: true, revision: 0, created: false },
    { ok: false, reason: "precondition_failed", revision: null },
    { ok: false, reason: "precondition_failed", revision: 3 },
    { ok: false, reason: "not_found" },
    { ok: false, reason: "too_many_targets", limit: 5 },
    { ok: false, reason: "key_reused" },
  ];
  for (const result of results) {
    expect(decodeDecided(encodeDecided(result))).toEqual({ ok: true, value: result });
  }
  expect(decodeDecided(bytesOf(1, '{"ok":false,"reason":"too_late"}'))).toMatchObject({
    ok: false,
    isLater: true,
  });
});

test.each([0, 1, 99, 100, 101, 1_000])(
  "a state of %i targets is in parts of 100 at most",
  (count) => {
    const state = new ConfigState();
    const targets = Array.from({ length: count }, (_, place) => makeTarget({ name: `t${place}` }));
    state.write({ kind: "replace", targets }, 1);
    const contents = state.contents();
    const parts = [...contentsParts(contents)];
    // The beginning, the middle and the end, and the lists.
    expect(parts).toHaveLength(3 + Math.ceil(count / 100));
    const whole = Buffer.concat(parts);
    expect(whole.equals(encodeContents(contents))).toBe(true);
    expect(decodeContents(whole)).toEqual({ ok: true, value: contents });
  },
);

describe("a state in bytes", () => {
  const state = new ConfigState({ maxTargets: 2, maxKeys: 2, keysExpireAfter: 10 });
  const idempotency = { key: "k", digest: "d" };
  state.write({ kind: "put", target: makeTarget({ name: "a" }), idempotency }, 5);
  state.write({ kind: "put", target: makeTarget({ name: "b" }) }, 6);
  const written = text(encodeContents(state.contents()));

  test("is what it was, and looks as it always did", () => {
    expect(decodeContents(encodeContents(state.contents()))).toEqual({
      ok: true,
      value: state.contents(),
    });
    const url = "http://127.0.0.1:8081/heartbeat";
    expect(written).toBe(
      '\u0001{"revision":2,"limits":{"maxTargets":2,"maxKeys":2,"keysExpireAfter":10},"targets":[' +
        `[1,{"name":"a","url":"${url}"}],[2,{"name":"b","url":"${url}"}]],` +
        '"outcomes":[["k","d",5,{"ok":true,"revision":1,"created":true}]]}',
    );
  });

  test.each([
    ["a target of a later revision", '"revision":2', '"revision":1'],
    ["two targets of one name", '"name":"b"', '"name":"a"'],
    ["more targets than the limit", '"maxTargets":2', '"maxTargets":1'],
    ["a limit of 0", '"maxKeys":2', '"maxKeys":0'],
    [
      "positions that do not rise",
      '["k","d",5,',
      '["j","d",5,{"ok":false,"reason":"not_found"}],["k","d",5,',
    ],
    ["a key twice", '["k","d",5,', '["k","d",4,{"ok":false,"reason":"not_found"}],["k","d",5,'],
    ["an answer that is none", '"created":true', '"created":1'],
    ["a list that is none", '"targets":[[', '"targets":{"0":[['],
  ])("%s is refused", (_, part, instead) => {
    expect(written).toContain(part);
    const bytes = new TextEncoder().encode(written.replace(part, instead));
    expect(decodeContents(bytes)).toMatchObject({ ok: false });
  });
});
