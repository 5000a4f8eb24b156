import { expect, test } from "bun:test";
import { FakeStream, FakeWorld, settled } from "./_test_world.ts";
import { EventStream } from "./event_stream.ts";

function listenTo(...replies: (Response | "refuse" | "hang")[]) {
  const log: string[] = [];
  const world = new FakeWorld(() => replies.shift() ?? "hang");
  const stream = new EventStream(world, {
    onSign: () => log.push("sign"),
    onEvents: (events) => log.push(events.map(({ id, name }) => `${name} ${id}`).join(", ")),
    onOpen: (isOpen) => log.push(isOpen ? "open" : "shut"),
    onMissed: (sentMs, why) => log.push(`missed ${sentMs}: ${why}`),
  });
  const take = () => log.splice(0);
  return { stream, world, take };
}

test("EventStream stands once its snapshot is whole, and not before", async () => {
  const source = new FakeStream();
  const { stream, take } = listenTo(source.response);
  stream.open();
  await source.say('id: 5\nevent: snapshot\ndata: {"targets":[\n');
  expect(take()).toEqual(["sign"]);
  await source.say("data: ]}\n\n");
  expect(take()).toEqual(["sign", "snapshot 5", "open"]);
  await source.say(": still here\n\n");
  await source.event(6, "verdict", {});
  expect(take()).toEqual(["sign", "sign", "verdict 6"]);
});

test("EventStream goes on from the last event after an end, and stands again with the comment that says so", async () => {
  const [first, second] = [new FakeStream(), new FakeStream()];
  const { stream, world, take } = listenTo(first.response, second.response);
  stream.open();
  await first.event(5, "snapshot", {});
  take();
  await first.end();
  expect(take()).toEqual(["shut", "missed 10000: the stream of events ended"]);
  await world.pass(500);
  expect(world.headers.map((headers) => headers.get("last-event-id"))).toEqual([null, "5"]);
  await second.say(": resumed\n\n");
  expect(take()).toEqual(["sign", "open"]);
});

test("EventStream takes a resumed stream that begins with a snapshot for open only after it", async () => {
  const [first, second] = [new FakeStream(), new FakeStream()];
  const { stream, world, take } = listenTo(first.response, second.response);
  stream.open();
  await first.event(5, "snapshot", {});
  await first.end();
  await world.pass(500);
  take();
  await second.say("id: 9\nevent: snapshot\n");
  expect(take()).toEqual(["sign"]);
  await second.say("data: {}\n\n");
  expect(take()).toEqual(["sign", "snapshot 9", "open"]);
});

test("EventStream tries again more and more seldom, and at once again after a success", async () => {
  const refused = Array.from({ length: 7 }, () => "refuse" as const);
  const { stream, world } = listenTo(...refused);
  stream.open();
  await settled();
  const times: number[] = [];
  for (let ms = 0; ms <= 32_000; ms += 500) {
    if (world.asked.length > times.length) times.push(ms);
    await world.pass(500);
  }
  expect(times).toEqual([0, 500, 1_500, 3_500, 7_500, 15_500, 23_500, 31_500]);
});

test("EventStream gives up one on which not even a comment arrives", async () => {
  const source = new FakeStream();
  const { stream, world, take } = listenTo(source.response);
  stream.open();
  await source.event(5, "snapshot", {});
  await world.pass(15_000);
  await source.say(": still here\n\n");
  await world.pass(24_999);
  expect(world.asked).toHaveLength(1);
  // A fake body does not end with its signal; a request that gets no answer does.
  const silent = listenTo("hang");
  silent.stream.open();
  await silent.world.pass(25_000);
  expect(silent.take()).toEqual(["shut", "missed 10000: it cannot be reached"]);
  await silent.world.pass(500);
  expect(silent.world.asked).toHaveLength(2);
  take();
});

test("EventStream says what a refusal was, and asks for a snapshot where it is told to", async () => {
  const source = new FakeStream();
  const { stream, world, take } = listenTo(new Response("", { status: 503 }), source.response);
  stream.open();
  await settled();
  expect(take()).toEqual(["shut", "missed 10000: it answered 503"]);
  await world.pass(500);
  await source.event(5, "snapshot", {});
  take();
  stream.open("snapshot");
  await settled();
  expect(take()).toEqual([]); //               it counts as open until the new one fails
  expect(world.headers.at(-1)?.get("last-event-id")).toBeNull();
  await source.event(6, "verdict", {}); //     what the old one still says is not heard
  expect(take()).toEqual([]);
  stream.close();
  expect(take()).toEqual(["shut"]);
  await world.pass(60_000);
  expect(world.asked).toHaveLength(3);
});
