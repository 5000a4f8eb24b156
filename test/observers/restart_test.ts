/** What monitors hold together when some of them, or all, are started again and remember what they saw. */
import { expect, test } from "bun:test";
import { INTERVAL_MS, type Node, World, type WorldOptions } from "./_world.ts";

const all = (verdict: string, count: number) => Array(count).fill(verdict).join(" ");

type Cluster = Pick<WorldOptions, "seed" | "intervalMs"> & { readonly monitors: number };

async function startUp(options: Cluster) {
  const world = new World({ ...options, isRemembering: true });
  const up = all("up", options.monitors);
  await world.until("all to be up", () => world.combined() === up);
  // Enough samples that a regular gap is none.
  await world.pass(20 * world.intervalMs);
  return world;
}

/** The server has died, and all of them say so. */
async function startDown(options: Cluster) {
  const world = await startUp(options);
  world.deadServers.add("s");
  const down = all("down", options.monitors);
  await world.until("all to be down", () => world.combined() === down && world.own() === down);
  await world.pass(5_000);
  world.claims.length = 0;
  return world;
}

const news = (world: World) => world.claims.filter(({ isNews }) => isNews);

test("a server that came back while most of the monitors were stopped is not down by what they remember", async () => {
  for (const monitors of [2, 3, 5]) {
    for (let seed = 1; seed <= 10; seed++) {
      const world = await startDown({ seed, monitors });
      const [first, ...stopped] = world.nodes;
      for (const node of stopped) node.kill();
      await world.pass(4_000);
      world.deadServers.clear();
      await world.until("one to see it", () => first!.monitor.watch("s")!.verdict === "up");
      await world.pass(5_000);
      world.claims.length = 0;
      for (const node of stopped) node.start();
      await world.until("all to be up", () => world.own() === all("up", monitors));
      await world.pass(5_000);
      expect(world.combined()).toBe(all("up", monitors));
      const bad = world.claims.filter(({ to }) => to === "down" || to === "partial");
      expect([seed, monitors, bad]).toEqual([seed, monitors, []]);
    }
  }
});

test("one that was stopped alone while the server was down, and is back, changes nothing", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = await startDown({ seed, monitors: 3 });
    const stopped = world.node("c");
    stopped.kill();
    await world.pass(4_000);
    world.deadServers.clear();
    await world.until("two to see it", () => world.combined().startsWith("up up"));
    await world.pass(5_000);
    world.claims.length = 0;
    stopped.start();
    await world.pass(10_000);
    expect([seed, news(world)]).toEqual([seed, []]);
    expect(world.combined()).toBe(all("up", 3));
  }
});

test("a server that is down stays so, and is no news, whichever monitors are started again and how quickly", async () => {
  for (const monitors of [1, 2, 3, 5]) {
    for (let seed = 1; seed <= 20; seed++) {
      // Those who are asked seldom are not asked again before the last monitor is gone.
      const intervalMs = seed % 2 === 0 ? INTERVAL_MS : 20 * INTERVAL_MS;
      const world = await startDown({ seed, monitors, intervalMs });
      const betweenMs = world.random.between(20, 3_000);
      for (const node of world.nodes) {
        node.kill();
        await world.pass(world.random.between(10, 1_000));
        node.start();
        await world.pass(betweenMs);
      }
      await world.pass(5_000 + 2 * intervalMs);
      expect([seed, monitors, news(world)]).toEqual([seed, monitors, []]);
      expect(world.combined()).toBe(all("down", monitors));
    }
  }
});

test("a server that is down stays so when all monitors are started again at once", async () => {
  for (const monitors of [1, 2, 3, 5]) {
    for (let seed = 1; seed <= 10; seed++) {
      const world = await startDown({ seed, monitors });
      for (const node of world.nodes) node.kill();
      await world.pass(2_000);
      for (const node of world.nodes) node.start();
      await world.until("all to hold it", () => world.combined() === all("down", monitors));
      const [{ observers, monitor }] = world.nodes as [Node];
      const beganWallMs = monitor.wallMsOf(monitor.watch("s")!.watchedSinceMs);
      expect(observers.combined("s")!.sinceWallMs).toBeLessThan(beganWallMs - 5_000);
      await world.pass(10_000);
      expect([seed, monitors, news(world)]).toEqual([seed, monitors, []]);
      expect(world.combined()).toBe(all("down", monitors));
      // And it comes up as soon as ever.
      world.deadServers.clear();
      await world.until("all to be up", () => world.combined() === all("up", monitors));
    }
  }
});

test("a server that a majority cannot reach stays down when all monitors are started again at once", async () => {
  for (const [cut, monitors, own] of [
    ["ab", 3, "down down up"],
    ["abc", 5, "down down down up up"],
  ] as const) {
    for (let seed = 1; seed <= 10; seed++) {
      const world = await startUp({ seed, monitors });
      for (const node of cut) world.cutServers.add(`${node}>s`);
      await world.until("a majority to say down", () => world.own() === own);
      await world.pass(5_000);
      expect(world.combined()).toBe(all("down", monitors));
      world.claims.length = 0;
      for (const node of world.nodes) node.kill();
      await world.pass(2_000);
      for (const node of world.random.shuffled(world.nodes)) {
        node.start();
        await world.pass(world.random.between(0, 800));
      }
      await world.pass(15_000);
      expect([seed, news(world)]).toEqual([seed, []]);
      expect(world.combined()).toBe(all("down", monitors));
      // And it comes up as soon as they reach it.
      world.cutServers.clear();
      await world.until("all to be up", () => world.combined() === all("up", monitors));
    }
  }
});

test("a split of two and two stays what it is when they are started again one after the other", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = await startUp({ seed, monitors: 4 });
    world.cutServers.add("c>s").add("d>s");
    await world.until("two to say down", () => world.own() === "up up down down");
    await world.pass(10_000);
    expect(world.combined()).toBe(all("partial", 4));
    world.claims.length = 0;
    for (const node of world.random.shuffled(world.nodes)) {
      node.kill();
      await world.pass(world.random.between(10, 4_000));
      node.start();
      await world.pass(world.random.between(20, 8 * INTERVAL_MS));
    }
    await world.pass(10_000);
    expect([seed, world.claims.filter(({ to }) => to === "down")]).toEqual([seed, []]);
    expect(world.combined()).toBe(all("partial", 4));
  }
});
