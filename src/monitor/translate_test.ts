import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyTargetInput } from "../../test/kit/arbitrary_target.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { decodeTarget, MODELS } from "../config/mod.ts";
import { HttpProber, TimerWheel } from "../probe/mod.ts";
import { VerdictMachine } from "../verdict/mod.ts";
import { httpProbeOptions, isPushed, verdictOptions } from "./translate.ts";
import { WatchSet } from "./watch_set.ts";

const world = {
  dial: () => ({ write: () => {}, close: () => {} }),
  resolve: () => Promise.resolve({ ok: false as const, detail: "no names here" }),
  readTextFile: () => Promise.resolve(""),
  checkAddress: () => ({ ok: true as const }),
  wheel: new TimerWheel(0),
  nowMs: () => 0,
};

const stillTime = {
  nowMs: () => 0,
  wallMsOf: (monitorMs: number) => monitorMs,
  pausedMs: 0,
  excusingPauses: [],
};

describe("a config that the schema accepts", () => {
  test("can be built, and its first regular gap is not suspicious", () => {
    let acceptedCount = 0;
    fc.assert(
      fc.property(anyTargetInput, (input) => {
        const decoded = decodeTarget(input);
        if (!decoded.ok) return;
        acceptedCount++;
        const { target } = decoded;
        const levels = verdictOptions(target);
        expect(new VerdictMachine(levels).verdict).toBe("unknown");
        const watches = new WatchSet(stillTime);
        const watch = watches.put(target);
        watch.heartbeat(0);
        expect(watch.phi(watch.intervalMs)).toBeLessThan(watch.suspectPhi);
        expect(watch.verdict).toBe("up");
        watch.settle(watch.intervalMs);
        expect(watch.verdict).toBe("up");
        if (isPushed(target)) return;
        new HttpProber(httpProbeOptions(target), world).close();
      }),
      { numRuns: 500 },
    );
    expect(acceptedCount).toBeGreaterThan(100);
  });

  test.each(MODELS)(
    "of the model %s is refused just where its first gap would be suspicious",
    (model) => {
      const url = "http://127.0.0.1/";
      const isAccepted = (millis: number) => {
        const extra =
          model === "fixed"
            ? { fixedTimeoutMillis: millis }
            : { firstHeartbeatEstimateMillis: millis, minStdDeviationMillis: 1 };
        return decodeTarget({ name: "a", url, monitor: { model, threshold: 4, ...extra } });
      };
      let smallest = 100;
      while (!isAccepted(smallest).ok) smallest++;
      expect(smallest).toBeGreaterThan(100);
      const phiAt = (millis: number) => {
        const decoded = isAccepted(smallest);
        if (!decoded.ok) throw new Error("it was accepted");
        const { monitor } = decoded.target;
        const changed =
          model === "fixed"
            ? { ...monitor, fixedTimeoutMillis: millis }
            : { ...monitor, firstHeartbeatEstimateMillis: millis };
        const watch = new WatchSet(stillTime).put({ ...decoded.target, monitor: changed });
        watch.heartbeat(0);
        return watch.phi(1_000) / watch.suspectPhi;
      };
      expect(phiAt(smallest)).toBeLessThan(1);
      expect(phiAt(smallest - 1)).toBeGreaterThanOrEqual(1);
    },
  );

  test("one whose first regular gap would be suspicious is refused with a value that works", () => {
    const monitor = { threshold: 4, minStdDeviationMillis: 1, firstHeartbeatEstimateMillis: 100 };
    const url = "http://127.0.0.1/";
    const refused = decodeTarget({ name: "a", url, monitor });
    if (refused.ok) throw new Error("it was accepted");
    const message = refused.errors[0]!.message;
    const smallest = Number(/\d+/u.exec(message.slice(message.search(/at least|smallest/u)))![0]);
    const isAccepted = (firstHeartbeatEstimateMillis: number) =>
      decodeTarget({ name: "a", url, monitor: { ...monitor, firstHeartbeatEstimateMillis } }).ok;
    expect([isAccepted(smallest - 1), isAccepted(smallest)]).toEqual([false, true]);
  });
});

test("targets with the same settings share what is made of them", () => {
  const one = makeTarget({ name: "one" });
  const two = { ...one, name: "two" };
  expect(verdictOptions(two)).toBe(verdictOptions(one));
  expect(httpProbeOptions(two).statusMatches).toBe(httpProbeOptions(one).statusMatches);
});

test("a status outside the expected ones is no heartbeat", () => {
  const expectation = { status: [200, "204-206"], maxBodyBytes: 1 };
  const { statusMatches } = httpProbeOptions(makeTarget({ expect: expectation }));
  const matching = [199, 200, 201, 204, 205, 206, 207, 500].filter(statusMatches);
  expect(matching).toEqual([200, 204, 205, 206]);
});
