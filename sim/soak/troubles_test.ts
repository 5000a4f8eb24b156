import { expect, test } from "bun:test";
import { freePorts } from "../free_ports.ts";
import { makeTrouble, TROUBLES, troubleOf } from "./troubles.ts";

const OVER = AbortSignal.abort();

test("makeTrouble() takes back what it began, when the soak is over too", async () => {
  const orders: unknown[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      orders.push(await request.json());
      return new Response("{}");
    },
  });
  const house = { monitors: [], serverUrls: [`http://127.0.0.1:${server.port}`] };
  const { failures } = await makeTrouble(TROUBLES[0]!, house, () => 0, OVER);
  await server.stop(true);
  expect(failures).toEqual([]);
  expect(orders).toEqual([{ dropRate: 1 }, { dropRate: 0 }]);
});

test("makeTrouble() writes down what failed, and goes on", async () => {
  const [port] = freePorts(1);
  const house = { monitors: [], serverUrls: [`http://127.0.0.1:${port}`] };
  const { what, failures } = await makeTrouble(TROUBLES[0]!, house, () => 0, OVER);
  expect(what).toBe("a tenth of the servers do not answer");
  expect(failures.map((each) => each.split(":")[0])).toEqual([
    "it did not begin",
    "it did not end",
  ]);
});

test("troubleOf() begins with an outage of all servers, and goes through all troubles from then on", () => {
  const turns = Array.from({ length: 2 * TROUBLES.length }, (_, turn) => troubleOf(turn));
  expect(turns[0]!.what).toBe("no server answers");
  expect(turns.slice(1, TROUBLES.length)).toEqual(TROUBLES.slice(1));
  expect(turns.slice(TROUBLES.length)).toEqual([...TROUBLES]);
});
