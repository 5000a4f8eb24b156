/** What monitors hold together, in virtual time, when parts of them, of the wire or of the servers fail. */
import { expect, test } from "bun:test";
import type { Doubt, DoubtSource } from "../../src/observers/mod.ts";
import { World } from "./_world.ts";

const all = (verdict: string, count: number) => Array(count).fill(verdict).join(" ");

async function startUp(world: World): Promise<void> {
  const up = all("up", world.nodes.length);
  await world.until("all to be up", () =>
    world.targets.every((name) => world.combined(name) === up),
  );
  // Enough samples that a regular gap is none.
  await world.pass(10_000);
  world.claims.length = 0;
}

const downClaims = (world: World) => world.claims.filter(({ to }) => to === "down");

test("a dead server is down for all of them, within a second of the last one that is needed", async () => {
  for (const [monitors, needed] of [
    [1, 1],
    [3, 2],
    [5, 3],
  ] as const) {
    for (let seed = 1; seed <= 10; seed++) {
      const world = new World({ seed, monitors });
      await startUp(world);
      const ownMs: number[] = [];
      for (const { monitor } of world.nodes) {
        monitor.onVerdictChange(({ to }) => {
          if (to === "down") ownMs.push(world.nowMs);
        });
      }
      world.deadServers.add("s");
      await world.until("all to say down", () => world.combined() === all("down", monitors));
      const lastNeededMs = ownMs[needed - 1]!;
      expect(downClaims(world).length).toBe(monitors);
      for (const { atMs } of downClaims(world)) {
        expect(atMs - lastNeededMs).toBeGreaterThanOrEqual(0);
        expect(atMs - lastNeededMs).toBeLessThanOrEqual(1_000);
      }
      world.deadServers.clear();
      await world.until("all to be up again", () => world.combined() === all("up", monitors));
    }
  }
});

test("one of three that is cut off from a healthy server says down alone: all say partial and name it", async () => {
  const world = new World({ monitors: 3, targets: ["s", "t"] });
  await startUp(world);
  world.cutServers.add("c>s");
  await world.until("all to say partial", () => world.combined() === all("partial", 3));
  await world.pass(30_000);
  expect(world.own()).toBe("up up down");
  expect(world.combined()).toBe(all("partial", 3));
  expect(world.combined("t")).toBe(all("up", 3));
  for (const { observers } of world.nodes) {
    expect(observers.combined("s")!.dissenters).toEqual(["c"]);
  }
  expect(world.claims.at(-1)!.reason).toBe("c says down; a, b say up");
  world.cutServers.clear();
  await world.until("all to be up", () => world.combined() === all("up", 3));
  expect(downClaims(world)).toEqual([]);
});

test("one of three that is paused for 30 s says nothing false when it goes on, nor do the others meanwhile", async () => {
  for (let seed = 1; seed <= 10; seed++) {
    const world = new World({ seed, monitors: 3, targets: ["s", "t"] });
    await startUp(world);
    const paused = world.node("b");
    paused.pause();
    await world.pass(15_000);
    // The two that are left still see what dies, and what does not.
    world.deadServers.add("t");
    await world.until("it to be seen", () => world.combined("t") === "down up down");
    await world.pass(10_000);
    paused.resume();
    await world.pass(50);
    const readings = paused.observers.observers();
    expect(readings.map(({ isHeard }) => isHeard)).toEqual([true, true, true]);
    await world.until("it to catch up", () => world.combined("t") === all("down", 3));
    await world.pass(30_000);
    const ofHealthy = world.claims.filter(({ target }) => target === "s");
    expect(ofHealthy).toEqual([]);
  }
});

test("one that stalls for 300 ms again and again makes nobody say anything", async () => {
  const world = new World({ monitors: 3 });
  await startUp(world);
  const staller = world.node("c");
  for (let count = 0; count < 60; count++) {
    staller.pause();
    await world.pass(300);
    staller.resume();
    await world.pass(700);
  }
  expect(world.claims).toEqual([]);
});

test("a split of two and two never flaps, whichever way it came about", async () => {
  const world = new World({ monitors: 4 });
  await startUp(world);
  world.cutServers.add("a>s").add("b>s");
  await world.until("two to say down", () => world.own() === "down down up up");
  await world.pass(60_000);
  expect(world.combined()).toBe(all("partial", 4));
  expect(downClaims(world)).toEqual([]);
  // Now from the other side: all were down, and two come up.
  world.deadServers.add("s");
  await world.until("all to be down", () => world.combined() === all("down", 4));
  world.claims.length = 0;
  world.deadServers.clear();
  await world.until("two to say up", () => world.own() === "down down up up");
  await world.pass(60_000);
  expect(world.combined()).toBe(all("down", 4));
  expect(world.claims).toEqual([]);
  // One that is started anew adopts what the others hold.
  world.node("d").kill();
  await world.pass(5_000);
  world.node("d").start();
  await world.until("it to hold the same", () => world.combined() === all("down", 4));
  await world.pass(60_000);
  expect(world.claims.filter(({ by }) => by !== "d")).toEqual([]);
  expect(world.claims.map(({ to }) => to).at(-1)).toBe("down");
});

test("a minority says unknown rather than down, and the majority goes on", async () => {
  const world = new World({ monitors: 5, targets: ["s", "t"] });
  await startUp(world);
  world.partition(["a", "b"], ["c", "d", "e"]);
  await world.pass(10_000);
  world.deadServers.add("s");
  await world.pass(20_000);
  expect(world.own()).toBe(all("down", 5));
  expect(world.combined()).toBe("unknown unknown down down down");
  expect(world.combined("t")).toBe(all("up", 5));
  expect(world.nodes.map(({ observers }) => observers.isMinority)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ]);
  world.partition();
  await world.until("all to be down", () => world.combined() === all("down", 5));
});

test("those who are left of three say unknown once they are no majority, and are one again when one comes back", async () => {
  const world = new World({ monitors: 3 });
  await startUp(world);
  world.deadServers.add("s");
  await world.until("all to be down", () => world.combined() === all("down", 3));
  world.node("b").kill();
  world.node("c").kill();
  const a = world.node("a").observers;
  await world.until("it to know", () => a.combinedVerdict("s") === "unknown");
  await world.pass(30_000);
  expect(a.combined("s")!.votes.map(({ observer }) => observer)).toEqual(["a"]);
  world.node("b").start();
  await world.until("both to say down", () => world.combined().startsWith("down down"));
});

test("a member that was removed is forgotten, and fewer are needed then", async () => {
  const world = new World({ monitors: 4 });
  await startUp(world);
  world.node("d").kill();
  world.cutServers.add("a>s").add("b>s");
  await world.until("two to say down", () => world.own().startsWith("down down up"));
  await world.pass(10_000);
  expect(world.combined()).toMatch(/^partial partial partial/u);
  world.members.delete("d");
  await world.pass(1_000);
  expect(world.combined()).toMatch(/^down down down/u);
  const ids = world
    .node("a")
    .observers.observers()
    .map(({ id }) => id);
  expect(ids).toEqual(["a", "b", "c"]);
});

/** Doubts that the test sets. */
class SetDoubts implements DoubtSource {
  #doubts: readonly Doubt[] = [];
  #listener: () => void = () => {};
  doubts(): readonly Doubt[] {
    return this.#doubts;
  }
  set(...doubts: readonly Doubt[]): void {
    this.#doubts = doubts;
    this.#listener();
  }
  onChange(listener: () => void): () => void {
    this.#listener = listener;
    return () => {};
  }
}

test("who doubts itself is not counted, unless too few are sound to contradict an outage of many", async () => {
  const doubts = new Map<string, SetDoubts>();
  const doubtsOf = (id: string) => {
    const own = new SetDoubts();
    doubts.set(id, own);
    return own;
  };
  const world = new World({ monitors: 3, doubtsOf });
  await startUp(world);
  world.cutServers.add("b>s").add("c>s");
  doubts.get("c")!.set("loop_lag");
  await world.until("two to say down", () => world.own() === "up down down");
  await world.pass(10_000);
  expect(world.combined()).toBe(all("partial", 3));
  expect(world.node("a").observers.combined("s")).toMatchObject({
    dissenters: ["b"],
    votes: [{ isCounted: true }, { isCounted: true }, { observer: "c", isCounted: false }],
  });
  const [, , c] = world.node("a").observers.observers();
  expect(c).toMatchObject({ id: "c", isHeard: true, doubts: ["loop_lag"] });
  doubts.get("c")!.set();
  await world.until("its vote to count", () => world.combined() === all("down", 3));
  // A real outage: all suspect many at once.
  world.deadServers.add("s");
  await world.pass(10_000);
  for (const own of doubts.values()) own.set("many_suspected");
  await world.pass(10_000);
  expect(world.combined()).toBe(all("down", 3));
  // Two have other reasons: nobody is left who could say so.
  doubts.get("a")!.set("paused");
  doubts.get("b")!.set("many_suspected", "schedule_lag");
  await world.pass(5_000);
  expect(world.combined()).toBe(all("down", 3));
  doubts.get("c")!.set("self_probe");
  await world.pass(5_000);
  expect(world.combined()).toBe(all("unknown", 3));
  for (const own of doubts.values()) own.set();
  await world.pass(5_000);
  expect(world.combined()).toBe(all("down", 3));
});

/** Something of the wire or of a monitor fails for a while, and is whole again. */
async function breakSomething(world: World): Promise<void> {
  const { random, nodes } = world;
  const victim = random.pick(nodes);
  const kind = random.pick(["pause", "kill", "partition", "breaks"] as const);
  if (kind === "pause") victim.pause();
  if (kind === "kill") victim.kill();
  if (kind === "partition") {
    const [left, right] = [random.below(nodes.length), random.below(nodes.length)].toSorted();
    const ids = random.shuffled(nodes).map(({ id }) => id);
    world.partition(ids.slice(0, left), ids.slice(left, right! + 1), ids.slice(right! + 1));
  }
  for (let left = kind === "breaks" ? 10 : 0; left > 0; left--) {
    const [from, to] = random.shuffled(nodes);
    world.breakWay(from!, to!);
    await world.pass(200);
  }
  await world.pass(random.between(0, 20_000));
  if (kind === "pause") victim.resume();
  if (kind === "kill") victim.start();
  world.partition();
}

test("whatever breaks, nobody says down of a server that too few cannot reach", async () => {
  for (let seed = 1; seed <= 20; seed++) {
    const monitors = 3 + (seed % 3);
    // Who is started anew remembers what it saw, or nothing.
    const world = new World({ seed, monitors, isRemembering: seed % 2 === 0 });
    await startUp(world);
    for (let step = 0; step < 8; step++) {
      const most = Math.floor(monitors / 2);
      const cut = world.random.shuffled(world.nodes).slice(0, world.random.between(0, most));
      for (const { id } of cut) world.cutServers.add(`${id}>s`);
      await breakSomething(world);
      world.cutServers.clear();
      // Until those that were cut off are up again, so that others can be cut off next.
      await world.until("all to be up", () => world.own() === all("up", monitors));
      await world.pass(4_000);
      expect([seed, world.combined()]).toEqual([seed, all("up", monitors)]);
    }
    expect([seed, downClaims(world)]).toEqual([seed, []]);
  }
});

test("whatever broke, all hold the same once they hear each other again", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 20; seed++) {
    const monitors = 3 + (seed % 3);
    // Who is started anew remembers what it saw, or nothing.
    const world = new World({ seed, monitors, isRemembering: seed % 2 === 0 });
    await startUp(world);
    for (let step = 0; step < 8; step++) {
      for (const { id } of world.nodes) {
        const way = `${id}>s`;
        if (world.random.chance(0.5)) world.cutServers.add(way);
        else world.cutServers.delete(way);
      }
      await breakSomething(world);
      await world.pass(6_000);
      const held = new Set(world.combined().split(" "));
      expect([seed, step, ...held]).toHaveLength(3);
      seen.add([...held].join());
    }
  }
  expect([...seen].toSorted()).toEqual(["down", "partial", "up"]);
});
