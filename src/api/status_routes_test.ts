import { expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import { makeApi, type TestApi } from "./_test_api.ts";
import { FakeCluster } from "./_test_cluster.ts";
import { ReadinessSchema } from "./schemas.ts";

async function readiness({ call }: TestApi): Promise<Record<string, unknown>> {
  const response = await call("GET", "/readyz");
  expect(response.status).toBe(200);
  const body: Record<string, unknown> = await response.json();
  expect([...Value.Errors(ReadinessSchema, body)]).toEqual([]);
  return body;
}

test("GET /readyz of a member that is well says so, and has nothing to add", async () => {
  const body = await readiness(makeApi({ cluster: new FakeCluster(), observer: "m1" }));
  expect(body).toMatchObject({ status: "watching", revision: 0, quorum: true, standing: "member" });
  expect(body["halted"]).toBeNull();
  expect(body).not.toHaveProperty("detail");
});

test.each([
  [{ quorum: false }, { quorum: false, halted: null }, ["no quorum", "?stale=true"]],
  [
    { quorum: false, halted: "the log could not be stored: disk full" },
    { quorum: false, halted: "the log could not be stored: disk full" },
    ["takes no part", "disk full"],
  ],
  [
    { quorum: false, standing: "removed" as const },
    { quorum: false, standing: "removed" },
    ["was removed from its cluster", "--join"],
  ],
  [{ unreadableEntries: 1 }, { quorum: true, halted: null }, ["A change was", "later version"]],
  [{ unreadableEntries: 2 }, { quorum: true }, ["2 changes were"]],
  [{ quorum: false, unreadableEntries: 2 }, { quorum: false }, ["no quorum", "2 changes were"]],
])("GET /readyz of a member that has %j is 200, and tells people", async (status, shown, words) => {
  const body = await readiness(makeApi({ cluster: new FakeCluster(status) }));
  expect(body).toMatchObject({ status: "watching", ...shown });
  for (const word of words) expect(body["detail"]).toContain(word);
});

test("GET /readyz without a cluster does not speak of quorums", async () => {
  const body = await readiness(makeApi());
  expect(Object.keys(body).toSorted()).toEqual([
    "pausedSeconds",
    "revision",
    "status",
    "version",
    "watching",
  ]);
});
