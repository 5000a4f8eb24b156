import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import * as fc from "fast-check";
import { makeApi, readProblem } from "./_test_api.ts";
import { FakeCluster, STATUS } from "./_test_cluster.ts";
import { ClusterSchema, JoinAnswerSchema, RemoveAnswerSchema } from "./cluster_schemas.ts";

const REQUEST = { id: "m4", address: "10.1.0.114:7000" };

test("GET /cluster shows the status, as its schema says and no more", async () => {
  const members = STATUS.members.map((member) => ({ ...member, secret: "x" }));
  const status = { members, secret: "x" };
  const cluster = new FakeCluster(status);
  const response = await makeApi({ cluster }).call("GET", "/cluster");
  const body: unknown = await response.json();
  expect([response.status, body]).toEqual([200, STATUS]);
  expect([...Value.Errors(ClusterSchema, body)]).toEqual([]);
  cluster.now = { ...STATUS, leader: null, halted: "disk full", quorum: false, members: [] };
  const again: unknown = await (await makeApi({ cluster }).call("GET", "/cluster")).json();
  expect(again).toMatchObject({ leader: null, halted: "disk full", quorum: false, members: [] });
  expect(Value.Check(ClusterSchema, again)).toBe(true);
});

test("without a cluster each of its routes is 404 and says that there is none", async () => {
  const { call, send } = makeApi();
  for (const response of [
    await call("GET", "/cluster"),
    await send("POST", "/cluster/join", REQUEST),
    await call("DELETE", "/cluster/members/m1"),
  ]) {
    const { status, type } = await readProblem(response);
    expect([status, type]).toEqual([404, "urn:phi:problem:no_cluster"]);
  }
});

describe("POST /cluster/join", () => {
  test("asks the cluster, and answers with the members", async () => {
    const cluster = new FakeCluster();
    const response = await makeApi({ cluster }).send("POST", "/cluster/join", REQUEST);
    const body: unknown = await response.json();
    expect([response.status, body]).toEqual([200, { clusterId: "c-1", members: STATUS.members }]);
    expect(Value.Check(JoinAnswerSchema, body)).toBe(true);
    expect(cluster.joins).toEqual([REQUEST]);
  });

  test.each([
    ["not_verified", 403, "not_verified", "The member was not added: "],
    ["conflict", 409, "member_conflict", "The member was not added: "],
    ["refused", 409, "member_not_added", "The member was not added: "],
    ["unavailable", 503, "cluster_unavailable", "The member may not have been added: "],
  ] as const)("that ends as %p is %p", async (reason, status, kind, sentence) => {
    const cluster = new FakeCluster();
    cluster.joinResult = { ok: false, reason, detail: "that is how it is" };
    const response = await makeApi({ cluster }).send("POST", "/cluster/join", REQUEST);
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    expect(await readProblem(response)).toMatchObject({
      status,
      type: `urn:phi:problem:${kind}`,
      detail: expect.stringContaining(`${sentence}that is how it is.`),
    });
  });

  test.each([
    "10.1.0.114:7000",
    "monitor-2.internal:1",
    "monitor_2:65535",
    "[::1]:7000",
    "[fd00:0:0::2]:7000",
    "LOCALHOST:7000",
  ])("takes the address %p", async (address) => {
    const cluster = new FakeCluster();
    const { send } = makeApi({ cluster });
    const response = await send("POST", "/cluster/join", { id: "m4", address });
    expect(response.status).toBe(200);
    expect(cluster.joins).toEqual([{ id: "m4", address }]);
  });

  test.each([
    "",
    "10.1.0.114",
    ":7000",
    "10.1.0.114:",
    "10.1.0.114:0",
    "10.1.0.114:65536",
    "10.1.0.114:07000",
    "10.1.0.114:7000/x",
    "10.1.0.114:7000 ",
    "http://10.1.0.114:7000",
    "user@host:7000",
    "0.0.0.0:7000",
    "[::]:7000",
    "[0:0::0]:7000",
    "::1:7000",
    "[::1:7000",
    "[fe80::1%eth0]:7000",
    "[:::]:7000",
    "0x7f.1:7000",
    "10.1:7000",
    "999.1.1.1:7000",
    "héllo:7000",
    "a\n:7000",
    `${"a".repeat(254)}:7000`,
    7000,
    null,
    {},
  ])("refuses the address %j", async (address) => {
    const cluster = new FakeCluster();
    const { send } = makeApi({ cluster });
    const response = await send("POST", "/cluster/join", { id: "m4", address });
    const { status, errors } = await readProblem(response);
    expect([status, errors?.map(({ pointer }) => pointer)]).toEqual([400, ["/address"]]);
    expect(cluster.joins).toEqual([]);
  });

  test.each(["", ".", "..", "a/b", "a b", "a:b", "é", "a\n", "a".repeat(65), 4, null, {}])(
    "refuses the id %j",
    async (id) => {
      const cluster = new FakeCluster();
      const { send } = makeApi({ cluster });
      const response = await send("POST", "/cluster/join", { ...REQUEST, id });
      const { status, errors } = await readProblem(response);
      expect([status, errors?.map(({ pointer }) => pointer)]).toEqual([400, ["/id"]]);
      expect(cluster.joins).toEqual([]);
    },
  );

  test("tells all that is wrong at once, unknown keys too", async () => {
    const { call } = makeApi({ cluster: new FakeCluster() });
    const body = '{"id":"","__proto__":1,"a/b":2}';
    const headers = { "content-type": "application/json" };
    const { errors } = await readProblem(await call("POST", "/cluster/join", { body, headers }));
    expect(errors?.map(({ pointer }) => pointer)).toEqual([
      "/__proto__",
      "/a~1b",
      "/id",
      "/address",
    ]);
  });

  test("refuses bodies of another type or size, and what is no object", async () => {
    const cluster = new FakeCluster();
    const { call } = makeApi({ cluster });
    const status = async (body: string | Uint8Array<ArrayBuffer>, type: string) => {
      const headers = { "content-type": type };
      return (await readProblem(await call("POST", "/cluster/join", { body, headers }))).status;
    };
    const json = JSON.stringify(REQUEST);
    expect(await status(json, "text/plain")).toBe(415);
    expect(await status("id: m4\naddress: 10.1.0.114:7000\n", "application/yaml")).toBe(415);
    expect(await status(`${json}${" ".repeat(5_000)}`, "application/json")).toBe(413);
    const twice = `{"id":"m3",${json.slice(1)}`;
    const bytes = new Uint8Array([0x7b, 0xff, 0x7d]);
    for (const body of ["", "{", "[]", "null", "7", '"m4"', twice, bytes]) {
      expect(await status(body, "application/json")).toBe(400);
    }
    expect(cluster.joins).toEqual([]);
  });

  test("whatever JSON comes, it is refused or asked for as it came", async () => {
    const cluster = new FakeCluster();
    const { send, bugs } = makeApi({ cluster });
    const text = fc.oneof(fc.string(), fc.constantFrom("m4", "..", "[::1]:1", "a:1", "0.0.0.0:1"));
    const body = fc.oneof(fc.jsonValue(), fc.record({ id: text, address: text }));
    await fc.assert(
      fc.asyncProperty(body, async (value) => {
        cluster.joins.length = 0;
        const { status } = await send("POST", "/cluster/join", value);
        expect([status, cluster.joins.length]).toEqual(status === 200 ? [200, 1] : [400, 0]);
        if (status === 200) expect(cluster.joins[0]).toEqual(value as typeof REQUEST);
      }),
      { numRuns: 500 },
    );
    expect(bugs).toEqual([]);
  });

  test("a cluster that throws is a defect, told to nobody but the log", async () => {
    const cluster = new FakeCluster();
    const thrown = new Error("secret");
    cluster.join = () => Promise.reject(thrown);
    const { send, bugs } = makeApi({ cluster });
    const response = await send("POST", "/cluster/join", REQUEST);
    expect(await readProblem(response)).toMatchObject({ status: 500 });
    expect(bugs).toEqual([thrown]);
  });
});

describe("DELETE /cluster/members/:id", () => {
  test("removes the member, whose id may be percent-encoded", async () => {
    const cluster = new FakeCluster();
    const response = await makeApi({ cluster }).call("DELETE", "/cluster/members/m%32");
    const body: unknown = await response.json();
    expect([response.status, body]).toEqual([200, { removed: "m2" }]);
    expect(Value.Check(RemoveAnswerSchema, body)).toBe(true);
    expect(cluster.removals).toEqual(["m2"]);
  });

  test.each([
    ["unknown_member", 404, "unknown_member", "No such member: "],
    ["refused", 409, "member_not_removed", "The member was not removed: "],
    ["unavailable", 503, "cluster_unavailable", "The member may not have been removed: "],
  ] as const)("that ends as %p is %p", async (reason, status, kind, sentence) => {
    const cluster = new FakeCluster();
    cluster.removeResult = { ok: false, reason, detail: "that is how it is" };
    const response = await makeApi({ cluster }).call("DELETE", "/cluster/members/m2");
    expect(response.headers.get("retry-after")).toBe(status === 503 ? "1" : null);
    const document = await readProblem(response);
    expect([document.status, document.type]).toEqual([status, `urn:phi:problem:${kind}`]);
    expect(document.detail).toContain(`${sentence}that is how it is`);
  });

  test("of what cannot be an id is 404, and nobody is asked", async () => {
    const cluster = new FakeCluster();
    const { call } = makeApi({ cluster });
    for (const id of ["%zz", "a%2Fb", "a%20b", "%C3%A9", "a".repeat(65)]) {
      const response = await call("DELETE", `/cluster/members/${id}`);
      expect(await readProblem(response)).toMatchObject({
        status: 404,
        type: "urn:phi:problem:unknown_member",
      });
    }
    expect(cluster.removals).toEqual([]);
  });
});
