/** Messages between transports over real sockets: both ways, over restarts, and to whom they belong. */
import { afterEach, expect, test } from "bun:test";
import { until } from "../kit/tcp_server.ts";
import { TestPeer, type TestPeerOptions } from "./_world.ts";

const started: TestPeer[] = [];
afterEach(async () => {
  await Promise.all(started.splice(0).map(({ transport }) => transport.close()));
});

async function start(id: string, options: TestPeerOptions = {}): Promise<TestPeer> {
  const peer = await TestPeer.start(id, options);
  started.push(peer);
  return peer;
}

test("two transports exchange messages both ways, in order", async () => {
  const [a, b] = [await start("a"), await start("b")];
  a.knows(b);
  b.knows(a);
  for (let term = 1; term <= 1000; term++) {
    a.say("b", term);
    b.say("a", term);
  }
  await until("all has arrived", () => a.messages.length >= 1000 && b.messages.length >= 1000);
  const all = Array.from({ length: 1000 }, (_, place) => place + 1);
  expect(a.terms).toEqual(all);
  expect(b.terms).toEqual(all);
});
