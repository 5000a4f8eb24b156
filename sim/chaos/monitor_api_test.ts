import { describe, expect, test } from "bun:test";
import { type Answer, getAllOutcome, getOutcome, writeOutcome } from "./monitor_api.ts";

function answer(status: number, body: unknown, etag?: string): Answer {
  const headers = new Headers(etag === undefined ? {} : { etag });
  return { ok: true, status, headers, text: JSON.stringify(body) };
}

const LOST: Answer = { ok: false, reason: "lost", detail: "the socket was closed" };
const REFUSED: Answer = { ok: false, reason: "refused", detail: "nobody listens" };
const problem = (kind: string) => ({ type: `urn:phi:problem:${kind}` });

describe("writeOutcome()", () => {
  test("tells what was decided", () => {
    expect(writeOutcome(answer(200, { revision: 5 }))).toEqual({ kind: "written", revision: 5 });
    expect(writeOutcome(answer(404, problem("unknown_target")))).toEqual({ kind: "absent" });
    expect(writeOutcome(answer(412, problem("precondition_failed")))).toEqual({ kind: "conflict" });
  });

  test("what never reached anybody, and what was refused, has failed", () => {
    expect(writeOutcome(REFUSED).kind).toBe("failed");
    expect(writeOutcome(answer(503, problem("write_failed"))).kind).toBe("failed");
    expect(writeOutcome(answer(422, problem("too_many_targets"))).kind).toBe("failed");
  });

  test("all else may have had an effect", () => {
    expect(writeOutcome(LOST).kind).toBe("unknown");
    expect(writeOutcome(answer(503, problem("write_unknown"))).kind).toBe("unknown");
    expect(writeOutcome(answer(503, null)).kind).toBe("unknown");
    expect(writeOutcome(answer(500, problem("internal"))).kind).toBe("unknown");
    expect(writeOutcome(answer(200, {})).kind).toBe("unknown");
  });
});

describe("getOutcome()", () => {
  test("takes the value from the label and the revision from the ETag", () => {
    const target = { name: "a", labels: { value: "v1" } };
    expect(getOutcome(answer(200, target, '"7"'))).toEqual({
      kind: "found",
      value: "v1",
      revision: 7,
    });
    expect(getOutcome(answer(404, {}))).toEqual({ kind: "absent" });
  });

  test("a read without a full answer tells nothing", () => {
    expect(getOutcome(LOST).kind).toBe("failed");
    expect(getOutcome(answer(503, problem("read_unavailable"))).kind).toBe("failed");
    expect(getOutcome(answer(200, { name: "a" }, '"7"')).kind).toBe("failed");
    expect(getOutcome(answer(200, { name: "a", labels: { value: "v1" } })).kind).toBe("failed");
  });
});

test("getAllOutcome() takes the values of those targets that have one", () => {
  const servers = [{ name: "a", labels: { value: "v1" } }, { name: "server1" }];
  expect(getAllOutcome(answer(200, { servers }, '"9"'))).toEqual({
    kind: "foundAll",
    values: { a: "v1" },
    revision: 9,
  });
  expect(getAllOutcome(answer(200, { servers }, '"9-yaml"')).kind).toBe("failed");
  expect(getAllOutcome(answer(503, {}, '"9"')).kind).toBe("failed");
});
