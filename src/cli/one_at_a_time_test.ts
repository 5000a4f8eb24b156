import { expect, test } from "bun:test";
import { oneAtATime } from "./one_at_a_time.ts";

/** Work whose runs a test ends. */
function handHeld() {
  const runs: PromiseWithResolvers<void>[] = [];
  const ask = oneAtATime(() => {
    const run = Promise.withResolvers<void>();
    runs.push(run);
    return run.promise;
  });
  const end = async (index: number) => {
    runs[index]!.resolve();
    for (let count = 0; count < 10; count++) await Promise.resolve();
  };
  return { runs, ask, end };
}

test("runs never overlap, and those that wait are one", async () => {
  const { runs, ask, end } = handHeld();
  ask();
  expect(runs).toHaveLength(1);
  for (let count = 0; count < 3; count++) ask();
  expect(runs).toHaveLength(1);
  await end(0);
  expect(runs).toHaveLength(2);
  ask();
  await end(1);
  expect(runs).toHaveLength(3);
  await end(2);
  expect(runs).toHaveLength(3);
});

test("once it is done it begins at once when it is asked for", async () => {
  const { runs, ask, end } = handHeld();
  ask();
  await end(0);
  ask();
  expect(runs).toHaveLength(2);
});
