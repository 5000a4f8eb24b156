import { expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { Lone } from "./_test_lone.ts";

const asking = (downVotes: number) =>
  makeTarget({ name: "s", url: "push:", monitor: { downVotes } });

/** Of five, this one among them. */
async function five(downVotes: number): Promise<Lone> {
  const lone = new Lone();
  lone.members = ["a", "b", "c", "d", "e"];
  lone.watches.put(asking(downVotes));
  lone.heartbeat("s");
  for (const peer of ["b", "c", "d", "e"]) lone.hear(peer, { targets: { s: "up" } });
  await lone.pass(600);
  return lone;
}

test("a target is down when as many say so as its settings ask for", async () => {
  const lone = await five(2);
  const { observers } = lone;
  expect(observers.combined("s")).toMatchObject({ verdict: "up", neededCount: 2, memberCount: 5 });
  lone.hear("b", { targets: { s: "down" } });
  await lone.settle();
  expect(observers.combinedVerdict("s")).toBe("partial");
  lone.hear("c", { targets: { s: "down" } });
  await lone.settle();
  expect(observers.combinedVerdict("s")).toBe("down");
  // The others still take three, and who asks for all of them says so.
  expect(observers.neededCount).toBe(3);
});

test("settings that ask for more make it partial again at once", async () => {
  const lone = await five(2);
  for (const peer of ["b", "c", "d"]) lone.hear(peer, { targets: { s: "down" } });
  await lone.settle();
  expect(lone.observers.combinedVerdict("s")).toBe("down");
  for (const peer of ["b", "c", "d"]) lone.hear(peer, { targets: { s: "up" } });
  lone.hear("e", { targets: { s: "down" } });
  await lone.settle();
  expect(lone.observers.combinedVerdict("s")).toBe("partial");
  lone.watches.put(asking(5));
  await lone.settle();
  expect(lone.observers.combined("s")).toMatchObject({ verdict: "partial", neededCount: 5 });
  lone.watches.put(makeTarget({ name: "s", url: "push:" }));
  for (const peer of ["b", "c"]) lone.hear(peer, { targets: { s: "down" } });
  await lone.settle();
  expect(lone.observers.combined("s")).toMatchObject({ verdict: "down", neededCount: 3 });
});

test("other settings alone change what all hold, without anybody saying anything new", async () => {
  const lone = await five(5);
  for (const peer of ["b", "c", "d"]) lone.hear(peer, { targets: { s: "down" } });
  await lone.settle();
  expect(lone.observers.combinedVerdict("s")).toBe("partial");
  lone.watches.put(asking(3));
  await lone.settle();
  expect(lone.observers.combinedVerdict("s")).toBe("down");
});
