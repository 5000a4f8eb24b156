/** Clients against servers that answer as a test says: what is asked again, of whom, and what is made of it. */
import { afterEach, describe, expect, test } from "bun:test";
import { Clients, REGISTERS } from "./clients.ts";
import type { Member } from "./cluster.ts";
import { type ConfigOperation, isWrite } from "./operation.ts";

interface Asked {
  readonly monitor: string;
  readonly method: string;
  readonly key: string | null;
  readonly ifMatch: string | null;
}

type Behaviour = (request: Request) => Response;

const CONFIG = { servers: [{ name: "server1" }, { name: "register1", labels: { value: "x" } }] };
const problem = (kind: string) =>
  Response.json({ type: `urn:phi:problem:${kind}` }, { status: 503 });
const failing: Behaviour = () => problem("write_failed");
const unsure: Behaviour = () => problem("write_unknown");

/** Every read finds something; every write is answered with revision 7. */
const working: Behaviour = ({ method, url }) => {
  if (method !== "GET") return Response.json({ revision: 7 });
  const isWhole = url.endsWith("/config");
  const body = isWhole ? CONFIG : { name: "register", labels: { value: "x" } };
  return Response.json(body, { headers: { etag: '"3"' } });
};

const servers: Bun.Server<undefined>[] = [];
let asked: Asked[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
  asked = [];
});

function monitorsOf(...behaviours: readonly Behaviour[]): Member[] {
  return behaviours.map((behave, index) => {
    const monitor = `monitor${index + 1}`;
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      fetch(request) {
        const { method, headers } = request;
        const ifMatch = headers.get("if-match");
        asked.push({ monitor, method, key: headers.get("idempotency-key"), ifMatch });
        return behave(request);
      },
    });
    servers.push(server);
    return { name: monitor, url: `http://127.0.0.1:${server.port}` };
  });
}

/** What one client for each monitor did, at least `count` operations in all. */
async function work(monitors: readonly Member[], count: number): Promise<ConfigOperation[]> {
  let moment = 0;
  const options = {
    monitors: () => monitors,
    nowMs: () => ++moment,
    seed: 1,
    clientsPerMonitor: 1,
  };
  const clients = new Clients(options);
  clients.start();
  while (clients.operations.length < count) await Bun.sleep(5);
  await clients.stop();
  return clients.operations;
}

describe("Clients", () => {
  test("do all kinds of operations, each once where the first answer is definite", async () => {
    const operations = await work(monitorsOf(working, working), 120);
    const kinds = new Set<string>(operations.map(({ call }) => call.kind));
    const all = ["compareAndSet", "delete", "get", "put", "readAll", "replaceAll"];
    expect([...kinds].toSorted()).toEqual(all);
    expect(operations.every(({ attempts }) => attempts === 1)).toBe(true);
    expect(asked).toHaveLength(operations.length);
    const keys = asked.filter(({ method }) => method !== "GET").map(({ key }) => key);
    expect(keys).not.toContain(null);
    expect(new Set(keys).size).toBe(keys.length);
    // What stands under a revision is written under it.
    expect(asked.filter(({ ifMatch }) => ifMatch === '"3"').length).toBeGreaterThan(0);
  });

  test("no two writes have one value", async () => {
    const operations = await work(monitorsOf(working, working), 60);
    const values = operations.flatMap(({ call }) => ("value" in call ? [call.value] : []));
    expect(new Set(values).size).toBe(values.length);
  });

  test("ask the next monitor under the same key, and take its answer for the whole", async () => {
    const [first, ...others] = monitorsOf(unsure, failing, working);
    const clients = await work([first!, ...others], 30);
    const mine = clients.filter(({ process, call }) => process === "client1" && isWrite(call));
    expect(mine.length).toBeGreaterThan(0);
    for (const { outcome, attempts, monitor } of mine) {
      expect({ outcome, attempts, monitor }).toEqual({
        outcome: { kind: "written", revision: 7 },
        attempts: 3,
        monitor: "monitor3",
      });
    }
    const key = asked.find(
      ({ monitor, method }) => monitor === "monitor1" && method === "PUT",
    )!.key;
    expect(asked.filter((each) => each.key === key).map(({ monitor }) => monitor)).toEqual([
      "monitor1",
      "monitor2",
      "monitor3",
    ]);
  });

  test("a write that one was unsure of is not failed because the next says that it failed", async () => {
    const operations = await work(monitorsOf(unsure, failing, failing), 30);
    const writes = operations.filter(({ call }) => isWrite(call));
    expect(writes.length).toBeGreaterThan(0);
    expect(new Set(writes.map(({ outcome }) => outcome.kind))).toEqual(new Set(["unknown"]));
  });

  test("a write that every monitor says has failed has failed, and a read without an answer tells nothing", async () => {
    const operations = await work(monitorsOf(failing, failing), 20);
    expect(new Set(operations.map(({ outcome }) => outcome.kind))).toEqual(new Set(["failed"]));
  });

  test("read everything at every monitor in the end, and nowhere else", async () => {
    const monitors = monitorsOf(working, failing);
    const clients = new Clients({
      monitors: () => monitors,
      nowMs: () => 1,
      seed: 1,
      clientsPerMonitor: 1,
    });
    await clients.readAtTheEnd();
    expect(clients.operations).toHaveLength(2 * (REGISTERS.length + 1));
    for (const { process, monitor, attempts } of clients.operations) {
      expect([process, attempts]).toEqual([`end-${monitor}`, 1]);
    }
  });
});
