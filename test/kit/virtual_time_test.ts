import { expect, test } from "bun:test";
import { VirtualTime } from "./virtual_time.ts";

test("VirtualTime never goes back, also where what rings takes longer than the time that passes", () => {
  const time = new VirtualTime();
  const startMs = time.monotonicMs();
  time.after(5, () => time.stop(100));
  time.pass(10);
  expect(time.monotonicMs()).toBe(startMs + 105);
});
