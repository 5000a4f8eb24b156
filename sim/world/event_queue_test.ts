import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { EVENT, EventQueue, NOBODY } from "./event_queue.ts";

test("events come by time, and those of one time in the order in which they were scheduled", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 }), { maxLength: 200 }), (delays) => {
      const queue = new EventQueue();
      const ran: number[] = [];
      for (const [place, delayUs] of delays.entries()) {
        queue.schedule(delayUs, EVENT.tick, NOBODY, () => ran.push(place));
      }
      for (let event = queue.next(); event !== undefined; event = queue.next()) event.run();
      const dumb = [...delays.keys()].toSorted((a, b) => delays[a]! - delays[b]! || a - b);
      expect(ran).toEqual(dumb);
    }),
  );
});

test("the clock stands at the event that runs, and delays count from there", () => {
  const queue = new EventQueue();
  const seen: number[] = [];
  queue.schedule(5, EVENT.tick, 1, () => {
    queue.schedule(10, EVENT.tick, 1, () => seen.push(queue.nowUs));
    queue.schedule(0, EVENT.tick, 1, () => seen.push(queue.nowUs));
  });
  queue.schedule(7, EVENT.tick, 1, () => seen.push(queue.nowUs));
  for (let event = queue.next(); event !== undefined; event = queue.next()) event.run();
  expect(seen).toEqual([5, 7, 15]);
  expect(queue.size).toBe(0);
  expect(queue.next()).toBeUndefined();
});
