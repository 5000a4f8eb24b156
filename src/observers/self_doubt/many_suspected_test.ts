import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { ManySuspected, type Fleet } from "./many_suspected.ts";

/** Targets by name, and whether each is suspect or down. */
class TestFleet implements Fleet {
  readonly worse = new Map<string, boolean>();
  readonly serverOf = new Map<string, string>();
  lookCount = 0;

  /** `count` targets on `servers` servers. */
  constructor(count: number, servers = count) {
    for (let index = 0; index < count; index++) {
      this.worse.set(`t${index}`, false);
      this.serverOf.set(`t${index}`, `s${index % servers}`);
    }
  }

  isWorse(target: string): boolean {
    return this.worse.get(target) ?? false;
  }

  fineCount(): number {
    this.lookCount++;
    return [...this.worse.values()].filter((isWorse) => !isWorse).length;
  }

  turn(many: ManySuspected, target: string, nowMs: number): void {
    this.worse.set(target, true);
    many.turned(target, this.serverOf.get(target)!, nowMs);
  }
}

function turnAll(fleet: TestFleet, many: ManySuspected, nowMs: number, count = Infinity): void {
  for (const target of [...fleet.worse.keys()].slice(0, count)) fleet.turn(many, target, nowMs);
}

describe("ManySuspected", () => {
  test("half of the targets at once is many; fewer, or over a longer time, are not", () => {
    const fleet = new TestFleet(20);
    const many = new ManySuspected(fleet);
    turnAll(fleet, many, 1_000, 9);
    expect(many.lastPresentMs).toBe(-Infinity);
    fleet.turn(many, "t9", 1_500);
    expect(many.lastPresentMs).toBe(1_500);
    expect(many.detail).toBe("10 of 20 targets, on 10 servers, became suspect within 10 s");
    const slow = new TestFleet(20);
    const slowly = new ManySuspected(slow);
    for (let index = 0; index < 20; index++) slow.turn(slowly, `t${index}`, index * 2_000);
    // Only the last five within ten seconds, when none that was well is left but those.
    expect(slowly.lastPresentMs).toBeGreaterThan(20_000);
  });

  test("what was down for long counts on neither side", () => {
    const fleet = new TestFleet(20);
    const many = new ManySuspected(fleet);
    for (let index = 0; index < 14; index++) fleet.turn(many, `t${index}`, index * 60_000);
    expect(many.lastPresentMs).toBe(-Infinity);
    fleet.turn(many, "t14", 3_600_000);
    fleet.turn(many, "t15", 3_600_000);
    expect(many.lastPresentMs).toBe(-Infinity);
    fleet.turn(many, "t16", 3_600_100);
    expect(many.lastPresentMs).toBe(3_600_100);
  });

  test("many targets on one server, or on two, tell nothing of the monitor", () => {
    for (const servers of [1, 2]) {
      const fleet = new TestFleet(1_000, servers);
      const many = new ManySuspected(fleet);
      turnAll(fleet, many, 1_000);
      expect(many.lastPresentMs).toBe(-Infinity);
      expect(fleet.lookCount).toBe(0);
    }
  });

  test("targets that were suspect for a moment only are not counted", () => {
    const fleet = new TestFleet(6);
    const many = new ManySuspected(fleet);
    for (let round = 0; round < 6; round++) {
      fleet.turn(many, `t${round}`, 1_000 + round);
      fleet.worse.set(`t${round}`, false);
    }
    expect(many.lastPresentMs).toBe(-Infinity);
  });

  test("lasts while half of those that began it are suspect, and ends when they are heard", () => {
    const fleet = new TestFleet(20);
    const many = new ManySuspected(fleet);
    turnAll(fleet, many, 1_000);
    many.look(600_000);
    expect(many.lastPresentMs).toBe(600_000);
    // Ten began it, and all twenty are suspect by now.
    for (let index = 0; index < 15; index++) fleet.worse.set(`t${index}`, false);
    many.look(602_000);
    expect(many.lastPresentMs).toBe(602_000);
    fleet.worse.delete("t19");
    many.look(604_000);
    many.look(606_000);
    expect(many.lastPresentMs).toBe(602_000);
    // They may fall silent together again.
    turnAll(fleet, many, 700_000);
    expect(many.lastPresentMs).toBe(700_000);
  });

  test("a fleet that stays away is no doubt for ever", () => {
    const fleet = new TestFleet(20);
    const many = new ManySuspected(fleet);
    turnAll(fleet, many, 0);
    for (let nowMs = 0; nowMs < 7_200_000; nowMs += 5_000) many.look(nowMs);
    expect(many.lastPresentMs).toBe(3_595_000);
  });

  test("a cut-off is found whatever fell silent before, and no fleet of fewer than three servers is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 60 }),
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 0, max: 59 }),
        (count, servers, deadCount) => {
          const fleet = new TestFleet(count, servers);
          const many = new ManySuspected(fleet);
          const names = [...fleet.worse.keys()];
          for (const [index, name] of names.slice(0, deadCount).entries()) {
            fleet.turn(many, name, index * 60_000);
          }
          many.look(4_000_000);
          // Three in a row on a fleet of three are a cut-off too.
          const before = many.lastPresentMs;
          for (const name of names.slice(deadCount)) fleet.turn(many, name, 8_000_000);
          const cutServers = new Set(
            names.slice(deadCount).map((name) => fleet.serverOf.get(name)),
          );
          if (cutServers.size >= 3) expect(many.lastPresentMs).toBe(8_000_000);
          else expect(many.lastPresentMs).toBe(before);
        },
      ),
    );
  });

  test("10,000 targets that turn at once are gone through a few times, not 10,000 times", () => {
    const fleet = new TestFleet(10_000);
    const many = new ManySuspected(fleet);
    turnAll(fleet, many, 1_000);
    expect(many.lastPresentMs).toBe(1_000);
    expect(fleet.lookCount).toBeLessThan(5);
  });
});
