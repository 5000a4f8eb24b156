/** A monitor that was stopped, for long or again and again, while its servers were not; in virtual time. */
import { describe, expect, test } from "bun:test";
import { makeTarget } from "../../test/kit/target.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import type { Dial } from "../port.ts";
import { HttpProber } from "../probe/mod.ts";
import { Bench } from "./_test_bench.ts";
import { Monitor } from "./monitor.ts";
import { httpProbeOptions } from "./translate.ts";

/** From the death of a server, in a pause of the monitor of so many milliseconds, to its being called down. */
function detectionMs(pauseMs: number): number {
  const bench = new Bench();
  bench.put();
  bench.time.pass(60_000);
  bench.behaviour = () => "never";
  if (pauseMs > 0) bench.time.stop(pauseMs);
  const fromWallMs = bench.time.wallMs();
  bench.time.pass(60_000);
  const down = bench.changes.find((change) => change.to === "down")!;
  return down.atWallMs - fromWallMs;
}

describe("Monitor, paused", () => {
  test("calls nothing down when it goes on after 10 s", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.time.stop(10_000);
    bench.time.pass(60_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
    expect(bench.monitor.pausedMs).toBeGreaterThan(9_900);
    expect(bench.monitor.watch("server1")!.intervalMeanMs).toBeCloseTo(1_000, -1);
  });

  test("a server that died meanwhile is down one normal detection time later", () => {
    const normalMs = detectionMs(0);
    expect(detectionMs(10_000)).toBeGreaterThan(normalMs - 100);
    expect(detectionMs(10_000)).toBeLessThan(normalMs + 100);
  });

  test("a server about to be suspected is asked again first", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    // Just short of the suspicion that the silence would bring, the monitor stops.
    while (bench.phi() < 7.9) bench.time.pass(2);
    bench.behaviour = () => 1;
    bench.time.stop(10_000);
    bench.time.pass(30_000);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("does not learn the gap of a target that reported while it was stopped", () => {
    const bench = new Bench();
    const monitor = { firstHeartbeatEstimateMillis: 60_000 };
    bench.put({ url: "push:", intervalMillis: 60_000, monitor });
    for (let beat = 0; beat < 30; beat++) {
      bench.time.pass(60_000);
      bench.monitor.heartbeat("server1");
    }
    const watch = bench.monitor.watch("server1")!;
    const { sampleCount, intervalMeanMs } = watch;
    for (let beat = 0; beat < 5; beat++) {
      bench.time.pass(40_000);
      bench.time.stop(20_000);
      bench.monitor.heartbeat("server1");
    }
    expect(watch).toMatchObject({ sampleCount, intervalMeanMs, heartbeatCount: 35 });
  });

  test("the loop's lag is measured by a clock that leaves no pause out", () => {
    const bench = new Bench();
    bench.time.pass(1_000);
    bench.time.stop(5_000);
    bench.time.pass(1_000);
    expect(Math.max(...bench.loopLagsSeconds)).toBeGreaterThan(4.9);
  });
});

describe("Monitor, stalling for a moment again and again", () => {
  const SECOND = 1_000;

  test.each([
    ["a stall every 0.9 s", 0.9 * SECOND, SECOND],
    ["a stall every 50 s, an interval of 60 s", 50 * SECOND, 60 * SECOND],
  ])("still calls a dead server down: %s", (_name, everyMs, intervalMillis) => {
    for (const url of ["http://127.0.0.1:1/", "push:"]) {
      const bench = new Bench();
      const monitor = { firstHeartbeatEstimateMillis: intervalMillis };
      bench.put({ url, intervalMillis, monitor });
      for (let beat = 0; beat < 30; beat++) {
        bench.time.pass(intervalMillis);
        if (url === "push:") bench.monitor.heartbeat("server1");
      }
      bench.behaviour = () => "refused";
      for (let passedMs = 0; passedMs < 30 * intervalMillis; passedMs += everyMs) {
        bench.time.pass(everyMs - 150);
        bench.time.stop(150);
      }
      expect(bench.monitor.watch("server1")!.verdict).toBe("down");
    }
  });

  test("they cut no gap of a slow target, whose rhythm would otherwise never be known", () => {
    const bench = new Bench();
    const monitor = { model: "calibrated", firstHeartbeatEstimateMillis: 30_000 } as const;
    bench.put({ name: "slow", intervalMillis: 30_000, monitor });
    for (let stall = 0; stall < 500; stall++) {
      bench.time.pass(4_850);
      bench.time.stop(150);
    }
    const slow = bench.monitor.watch("slow")!;
    expect(slow.heartbeatCount).toBeGreaterThan(70);
    expect(slow.gaps().length).toBeGreaterThan(0.9 * slow.heartbeatCount);
  });

  test("a stall excuses nobody for longer than it lasted, two hanging probes or not", () => {
    const bench = new Bench();
    bench.put();
    bench.time.pass(60_000);
    bench.behaviour = () => "never";
    bench.time.pass(2_500);
    bench.time.stop(150);
    bench.time.pass(3_500);
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
  });
});

const OK = new TextEncoder().encode("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");

/** A server that answers at once, behind a firewall that forgets connections without a word. */
class Firewalled {
  readonly time = new VirtualTime();
  readonly verdicts: string[] = [];
  dialCount = 0;
  #forgottenCount = 0;

  readonly #dial: Dial = (_address, events) => {
    const number = ++this.dialCount;
    let isClosed = false;
    const later = (happen: () => void) =>
      this.time.after(1, () => {
        if (!isClosed && number > this.#forgottenCount) happen();
      });
    later(() => events.onConnect());
    return {
      write() {
        later(() => events.onData(OK));
      },
      close() {
        isClosed = true;
      },
    };
  };

  /** Asked each half minute for a while, and well. */
  constructor() {
    const monitor = new Monitor({
      clock: this.time,
      timers: this.time,
      random: () => 0,
      gauges: { eventLoopLag: () => {}, scheduleLag: () => {} },
      makeProbers: (wheel, nowMs) => (target) =>
        new HttpProber(httpProbeOptions(target), {
          dial: this.#dial,
          resolve: () => Promise.resolve({ ok: false, detail: "no names here" }),
          readTextFile: () => Promise.resolve(""),
          checkAddress: () => ({ ok: true }),
          nowMs,
          wheel,
        }),
    });
    monitor.onVerdictChange(({ to }) => this.verdicts.push(to));
    const intervalMillis = 30_000;
    const settings = { firstHeartbeatEstimateMillis: intervalMillis };
    monitor.put(makeTarget({ intervalMillis, monitor: settings }));
    this.time.pass(40.5 * intervalMillis);
  }

  forget(): void {
    this.#forgottenCount = this.dialCount;
  }
}

describe("Monitor, paused, with a connection that it keeps", () => {
  test("does not wait for an answer over one that a firewall may have forgotten", () => {
    const server = new Firewalled();
    server.time.stop(10 * 60_000);
    server.forget();
    server.time.pass(5 * 60_000);
    expect(server.verdicts).toEqual(["up"]);
    expect(server.dialCount).toBe(2);
  });

  test("uses it again after a pause in which nobody forgets one", () => {
    const server = new Firewalled();
    for (let pause = 0; pause < 10; pause++) {
      server.time.stop(10_000);
      server.time.pass(30_000);
    }
    expect([server.verdicts, server.dialCount]).toEqual([["up"], 1]);
  });
});

describe("Monitor, stalling for a moment after it was stopped for an hour", () => {
  const [MINUTE, HOUR] = [60_000, 3_600_000];
  const ASKED = "http://127.0.0.1:1/";

  /** Well for half an hour. */
  function eachMinute(url: string): Bench {
    const bench = new Bench();
    bench.put({ url, intervalMillis: MINUTE, monitor: { firstHeartbeatEstimateMillis: MINUTE } });
    live(bench, 30);
    return bench;
  }

  function live(bench: Bench, minutes: number): void {
    for (let minute = 0; minute < minutes; minute++) {
      bench.time.pass(MINUTE);
      bench.monitor.heartbeat("server1");
    }
  }

  const CASES = [ASKED, "push:"].flatMap((url) =>
    [0, 10].map((minutes): [string, number] => [url, minutes]),
  );

  test.each(CASES)("%s: a server that dies %d minutes later is down soon", (url, minutes) => {
    const bench = eachMinute(url);
    bench.time.stop(HOUR);
    live(bench, minutes);
    bench.behaviour = () => "never";
    for (let stall = 0; stall < 6; stall++) {
      bench.time.pass(39_850);
      bench.time.stop(150);
    }
    expect(bench.monitor.watch("server1")!.verdict).toBe("down");
  });

  test("a healthy one whose question was lost with the hour has its time to answer the next", () => {
    const bench = eachMinute(ASKED);
    bench.behaviour = () => "never";
    bench.time.pass(MINUTE + 1_000);
    bench.time.stop(HOUR);
    bench.behaviour = () => 4_000;
    for (const untilStallMs of [15_000, 45_500]) {
      bench.time.pass(untilStallMs);
      bench.time.stop(150);
    }
    bench.time.pass(5 * MINUTE);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });

  test("a healthy one that reports again within its interval is not called down", () => {
    const bench = eachMinute("push:");
    bench.time.pass(50_000);
    bench.time.stop(HOUR);
    bench.time.pass(15_000);
    bench.time.stop(150);
    bench.time.pass(40_000);
    bench.monitor.heartbeat("server1");
    live(bench, 5);
    expect(bench.verdicts()).toEqual(["server1: unknown -> up"]);
  });
});
