/** Monitors that hand on to each other what is pushed to one of them, in virtual time. */
import { describe, expect, test } from "bun:test";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import { Bench } from "./_test_bench.ts";

function benchAt(time: VirtualTime): Bench {
  const bench = new Bench({ time });
  bench.put({ name: "job", url: "push:" });
  return bench;
}

function handOn(from: Bench, to: readonly Bench[]): void {
  from.monitor.onPushed(({ target, sequence }) => {
    for (const bench of to) bench.monitor.handedOn(target, sequence);
  });
}

/** Each second one, all of which the sender hears to count. */
function report(bench: Bench, firstSequence: number, count: number): void {
  for (let sequence = firstSequence; sequence < firstSequence + count; sequence++) {
    bench.time.pass(1_000);
    expect(bench.monitor.heartbeat("job", sequence)).toBe("accepted");
  }
}

const jobOf = (bench: Bench) => bench.monitor.watch("job")!;

describe("a pushed heartbeat that is handed on", () => {
  test("counts although its numbers began again, if they did for the monitor that it came to", () => {
    const time = new VirtualTime();
    const others = [benchAt(time), benchAt(time)];
    const before = benchAt(time);
    handOn(before, others);
    report(before, 5_000, 60);
    // The machine of both that monitor and the sender is booted again.
    before.monitor.close();
    time.pass(60_000);
    expect(others.map((bench) => jobOf(bench).verdict)).toEqual(["down", "down"]);
    const after = benchAt(time);
    handOn(after, others);
    report(after, 0, 4);
    expect(others.map((bench) => jobOf(bench).verdict)).toEqual(["up", "up"]);
    // Each of them now takes the sender at its word itself.
    report(others[0]!, 4, 3);
    report(others[1]!, 4, 3);
  });

  test("that is late holds nothing up that has died", () => {
    const bench = benchAt(new VirtualTime());
    report(bench, 5_000, 60);
    bench.time.pass(4_000);
    const { heartbeatCount } = jobOf(bench);
    const phi = bench.phi("job");
    // Another monitor was paused, and goes on.
    for (let sequence = 5_040; sequence < 5_060; sequence++) {
      bench.monitor.handedOn("job", sequence);
    }
    expect(jobOf(bench).heartbeatCount).toBe(heartbeatCount);
    expect(bench.phi("job")).toBe(phi);
  });

  test("does not let a sender's own numbers begin again where the last one is known", () => {
    const bench = benchAt(new VirtualTime());
    report(bench, 5_000, 60);
    bench.time.pass(60_000);
    for (let sequence = 0; sequence < 10; sequence++) {
      bench.time.pass(1_000);
      expect(bench.monitor.heartbeat("job", sequence)).toBe("stale");
    }
    expect(jobOf(bench).verdict).toBe("down");
  });
});
