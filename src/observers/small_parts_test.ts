import { describe, expect, test } from "bun:test";
import { makeReading } from "../../test/kit/watch_reading.ts";
import { type Doubt, quorumOf } from "../verdict/mod.ts";
import { Backlog } from "./backlog.ts";
import { bitsOfDoubts } from "./doubt_bits.ts";
import { PeerView } from "./peer_view.ts";
import type { Vote } from "./reading.ts";
import { callRoll } from "./roll_call.ts";
import { TargetTable } from "./target_table.ts";
import { stateOf } from "./view_state.ts";
import { whoSaysWhat } from "./who_says_what.ts";

const START = { nowMs: 0, wallMs: 0 };
const watchOf = (name: string) => makeReading({ target: { name } });

function makeBacklog(itemsASlice = 3) {
  const slices: string[] = [];
  const turns: (() => void)[] = [];
  const backlog = new Backlog<number>({
    timers: { yieldToLoop: () => new Promise((resolve) => turns.push(resolve)) },
    itemsASlice,
    work: (items) => slices.push(items.join()),
  });
  const turn = async () => {
    for (const resume of turns.splice(0)) resume();
    for (let count = 0; count < 10; count++) await Promise.resolve();
  };
  return { backlog, slices, turn };
}

describe("Backlog", () => {
  test("works at the end of the turn, in order, a slice a turn", async () => {
    const { backlog, slices, turn } = makeBacklog();
    for (let item = 1; item <= 7; item++) backlog.add(item);
    expect(slices).toEqual([]);
    await turn();
    expect(slices).toEqual(["1,2,3"]);
    backlog.add(8);
    await turn();
    await turn();
    expect(slices).toEqual(["1,2,3", "4,5,6", "7"]);
    await turn();
    expect(slices).toEqual(["1,2,3", "4,5,6", "7", "8"]);
    backlog.add(9);
    await turn();
    expect(slices.at(-1)).toBe("9");
  });

  test("takes what its own work adds into another turn", async () => {
    const slices: number[] = [];
    let turns = 0;
    const backlog = new Backlog<number>({
      timers: {
        yieldToLoop: () => {
          turns++;
          return Promise.resolve();
        },
      },
      itemsASlice: 10,
      work: ([item]) => {
        slices.push(item!);
        if (item! < 5) backlog.add(item! + 1);
      },
    });
    backlog.add(1);
    for (let count = 0; count < 50; count++) await Promise.resolve();
    expect(slices).toEqual([1, 2, 3, 4, 5]);
    expect(turns).toBe(4);
  });

  test("does nothing more once it is closed", async () => {
    const { backlog, slices, turn } = makeBacklog();
    for (let item = 1; item <= 7; item++) backlog.add(item);
    await turn();
    backlog.close();
    backlog.add(8);
    for (let count = 0; count < 5; count++) await turn();
    expect(slices).toEqual(["1,2,3"]);
  });
});

describe("TargetTable", () => {
  test("finds a target by its name and by its hash, until it is removed", () => {
    const table = new TargetTable();
    const track = table.add(watchOf("s"), { nowMs: 0, wallMs: 5 });
    expect([table.byName("s"), table.byHash(track.hash)]).toEqual([track, track]);
    expect([table.has(track), table.isExchanged(track), table.size]).toEqual([true, true, 1]);
    expect(track).toMatchObject({ verdict: "unknown", sinceWallMs: 5, memory: "none" });
    table.remove(track);
    expect([table.byName("s"), table.byHash(track.hash)]).toEqual([undefined, undefined]);
    expect([table.has(track), table.isExchanged(track), table.size]).toEqual([false, false, 0]);
  });

  test("gives no two targets the same slot, and uses those that are free again", () => {
    const table = new TargetTable();
    const tracks = ["a", "b", "c"].map((name) => table.add(watchOf(name), START));
    expect(tracks.map(({ slot }) => slot)).toEqual([0, 1, 2]);
    table.remove(tracks[1]!);
    expect(table.add(watchOf("d"), START).slot).toBe(1);
    expect(table.add(watchOf("e"), START).slot).toBe(3);
  });

  test("exchanges neither of two names with one hash, in whichever order they came", () => {
    for (const names of [
      ["one", "two"],
      ["two", "one"],
    ]) {
      const table = new TargetTable((name) => name.length);
      const tracks = [...names, "other"].map((name) => table.add(watchOf(name), START));
      expect(tracks.map((track) => table.isExchanged(track))).toEqual([false, false, true]);
      expect(table.byHash(3)).toBeUndefined();
      expect(table.byName("one")).toBeDefined();
      table.remove(tracks[1]!);
      // Others may still mean the one that is gone.
      expect(table.byHash(3)).toBeUndefined();
    }
  });
});

describe("PeerView", () => {
  const [up, down] = [stateOf("up", "free"), stateOf("down", "held")];

  test("keeps what was said of each target, and says what is news", () => {
    const table = new TargetTable();
    const tracks = Array.from({ length: 200 }, (_, index) =>
      table.add(watchOf(`s${index}`), START),
    );
    const [first, , , last] = [tracks[0]!, tracks[1]!, tracks[2]!, tracks[199]!];
    const view = new PeerView("b");
    expect([view.verdict(last), view.memory(last), view.phi(last)]).toEqual([undefined, "none", 0]);
    expect(view.say(first, up, 0.5, 10)).toBe(true);
    expect(view.say(last, down, 9, 20)).toBe(true);
    expect(view.say(first, up, 0.75, 11)).toBe(false);
    expect([view.verdict(first), view.memory(first)]).toEqual(["up", "free"]);
    expect([view.phi(first), view.sinceWallMs(first)]).toEqual([0.75, 11]);
    expect([view.verdict(last), view.memory(last)]).toEqual(["down", "held"]);
    expect(view.counts).toEqual({ unknown: 0, up: 1, suspect: 0, down: 1 });
    view.say(first, down, 9, 12);
    expect(view.counts).toEqual({ unknown: 0, up: 0, suspect: 0, down: 2 });
    view.forget(first);
    view.forget(table.add(watchOf("never said"), START));
    expect(view.counts).toEqual({ unknown: 0, up: 0, suspect: 0, down: 1 });
    expect(view.verdict(first)).toBeUndefined();
    view.forgetAll();
    expect(view.verdict(last)).toBeUndefined();
    expect(view.counts).toEqual({ unknown: 0, up: 0, suspect: 0, down: 0 });
  });
});

/** Of so many members those in `heard`, each with its doubts. */
function counted(memberCount: number, ...heard: readonly (readonly Doubt[])[]): number[] {
  const observers = heard.map((doubts, place) => ({
    place,
    isMember: true,
    isHeard: true,
    doubtBits: bitsOfDoubts(doubts),
    isNewlyInDoubt: false,
  }));
  return callRoll(memberCount, observers).counted.map(({ place }) => place);
}

describe("callRoll()", () => {
  const MANY: readonly Doubt[] = ["many_suspected"];

  test("does not count who doubts itself", () => {
    expect(counted(3, [], ["paused"], [])).toEqual([0, 2]);
    expect(counted(3, ["paused"], ["loop_lag"], ["self_probe"])).toEqual([]);
    // Two of three are sound, and could contradict.
    expect(counted(3, [], MANY, [])).toEqual([0, 2]);
  });

  test("counts those who only wonder at how many they suspect, where too few are sound to contradict", () => {
    expect(counted(3, MANY, MANY, MANY)).toEqual([0, 1, 2]);
    expect(counted(3, [], MANY, MANY)).toEqual([0, 1, 2]);
    expect(counted(3, MANY, ["many_suspected", "paused"], MANY)).toEqual([0, 2]);
    // Sound ones that are not heard contradict nobody.
    expect(counted(5, [], [], MANY)).toEqual([0, 1, 2]);
    expect(counted(5, [], [], [], MANY)).toEqual([0, 1, 2]);
  });

  test("counts one that is alone, whatever it doubts", () => {
    expect(counted(1, ["loop_lag"])).toEqual([0]);
  });

  test("counts neither others than members nor who is not heard", () => {
    const sound = { doubtBits: 0, isNewlyInDoubt: false };
    const {
      quorum,
      present,
      counted: some,
    } = callRoll(2, [
      { ...sound, isMember: true, isHeard: true },
      { ...sound, isMember: true, isHeard: false },
      { ...sound, isMember: false, isHeard: true },
    ]);
    expect([present.length, some.length]).toEqual([1, 1]);
    expect(quorum).toEqual({ memberCount: 2, neededCount: 2, isMinority: true });
  });
});

test("callRoll() knows whose votes have just ceased to count", () => {
  const present = { isMember: true, isHeard: true };
  const doubts = bitsOfDoubts(["loop_lag"]);
  const observers = [
    { ...present, doubtBits: 0, isNewlyInDoubt: false },
    { ...present, doubtBits: doubts, isNewlyInDoubt: true },
    { ...present, doubtBits: doubts, isNewlyInDoubt: false },
    { ...present, isHeard: false, doubtBits: doubts, isNewlyInDoubt: true },
  ];
  expect(callRoll(4, observers).wavering).toEqual([observers[1]!]);
  // Alone its votes count all the same.
  expect(callRoll(1, [observers[1]!]).wavering).toEqual([]);
});

const vote = (observer: string, verdict: Vote["verdict"], isCounted = true): Vote => ({
  observer,
  verdict,
  phi: 0,
  sinceWallMs: 0,
  isCounted,
});

describe("whoSaysWhat()", () => {
  test("names everybody, the worst first", () => {
    const votes = [
      vote("a", "up"),
      vote("b", "down"),
      vote("c", "up"),
      vote("d", "suspect"),
      vote("e", "down", false),
    ];
    const say = { votes, quorum: quorumOf(6, 5), silent: ["f"] };
    expect(whoSaysWhat({ ...say, verdict: "partial" })).toBe(
      "b says down; d says suspect; a, c say up; e says down, which is not counted; f is not heard",
    );
  });

  test("says why a target is still down when fewer say so than are needed", () => {
    const votes = [vote("a", "down"), vote("b", "up"), vote("c", "unknown")];
    const say = { votes, quorum: quorumOf(3, 3), silent: [] };
    expect(whoSaysWhat({ ...say, verdict: "down" })).toBe(
      "a says down; b says up; c says unknown; it stays down until nobody says so or 2 say up",
    );
  });

  test("says what is no majority", () => {
    const say = { votes: [vote("a", "down")], quorum: quorumOf(3, 1), silent: ["b", "c"] };
    expect(whoSaysWhat({ ...say, verdict: "unknown" })).toBe(
      "a says down; b, c are not heard; that is no majority of 3",
    );
    expect(whoSaysWhat({ ...say, votes: [], silent: [], verdict: "unknown" })).toBe(
      "nobody says anything; that is no majority of 3",
    );
  });
});
