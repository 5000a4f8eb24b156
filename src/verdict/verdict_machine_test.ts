import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { VerdictMachine, type Verdict, type VerdictOptions } from "./mod.ts";

const OPTIONS: VerdictOptions = { suspectPhi: 8, downPhi: 16, upAfterHeartbeats: 2 };

function downMachine(options: VerdictOptions = OPTIONS): VerdictMachine {
  const machine = new VerdictMachine(options);
  machine.suspicion(options.downPhi);
  return machine;
}

describe("VerdictMachine", () => {
  test("starts unknown, and one heartbeat makes it up", () => {
    const machine = new VerdictMachine(OPTIONS);
    expect(machine.verdict).toBe("unknown");
    machine.heartbeat();
    expect(machine.verdict).toBe("up");
  });

  test("is suspect from suspectPhi and down from downPhi, from up and from unknown", () => {
    for (const heartbeats of [0, 1]) {
      const machine = new VerdictMachine(OPTIONS);
      if (heartbeats === 1) machine.heartbeat();
      const before = machine.verdict;
      machine.suspicion(7.99);
      expect(machine.verdict).toBe(before);
      machine.suspicion(8);
      expect(machine.verdict).toBe("suspect");
      machine.suspicion(15.99);
      expect(machine.verdict).toBe("suspect");
      machine.suspicion(16);
      expect(machine.verdict).toBe("down");
    }
  });

  test("goes straight down when φ was not looked at on the way", () => {
    const machine = new VerdictMachine(OPTIONS);
    machine.suspicion(Number.MAX_VALUE);
    expect(machine.verdict).toBe("down");
  });

  test("is up again after one heartbeat when it was suspect", () => {
    const machine = new VerdictMachine(OPTIONS);
    machine.suspicion(8);
    machine.heartbeat();
    expect(machine.verdict).toBe("up");
  });

  test("never gets better by φ alone", () => {
    const machine = new VerdictMachine(OPTIONS);
    machine.suspicion(8);
    machine.suspicion(0);
    expect(machine.verdict).toBe("suspect");
    machine.suspicion(16);
    machine.suspicion(8);
    machine.suspicion(0);
    expect(machine.verdict).toBe("down");
  });

  test("comes up from down only after upAfterHeartbeats in a row", () => {
    for (const upAfterHeartbeats of [1, 2, 5]) {
      const machine = downMachine({ ...OPTIONS, upAfterHeartbeats });
      for (let count = 1; count < upAfterHeartbeats; count++) {
        machine.heartbeat();
        expect(machine.verdict).toBe("down");
      }
      machine.heartbeat();
      expect(machine.verdict).toBe("up");
    }
  });

  test("counts anew after a failed probe, or after φ has reached suspectPhi", () => {
    for (const interrupt of [
      (machine: VerdictMachine) => machine.failedProbe(),
      (machine: VerdictMachine) => machine.suspicion(8),
      (machine: VerdictMachine) => machine.suspicion(99),
    ]) {
      const machine = downMachine();
      machine.heartbeat();
      interrupt(machine);
      machine.heartbeat();
      expect(machine.verdict).toBe("down");
      machine.heartbeat();
      expect(machine.verdict).toBe("up");
    }
    const machine = downMachine();
    machine.heartbeat();
    machine.suspicion(7.9); // below suspectPhi: the count goes on
    machine.heartbeat();
    expect(machine.verdict).toBe("up");
  });

  test("starts each recovery from none", () => {
    const machine = downMachine();
    machine.heartbeat();
    machine.heartbeat();
    machine.suspicion(16);
    machine.heartbeat();
    expect(machine.verdict).toBe("down");
  });

  test("makes nothing of a failed probe, whatever the verdict", () => {
    const machine = new VerdictMachine(OPTIONS);
    machine.failedProbe();
    expect(machine.verdict).toBe("unknown");
    machine.heartbeat();
    machine.failedProbe();
    expect(machine.verdict).toBe("up");
    machine.suspicion(8);
    machine.failedProbe();
    expect(machine.verdict).toBe("suspect");
  });

  test("takes NaN for no suspicion", () => {
    const machine = new VerdictMachine(OPTIONS);
    machine.suspicion(NaN);
    expect(machine.verdict).toBe("unknown");
  });

  test("nextLevel is where silence changes something next", () => {
    const machine = new VerdictMachine(OPTIONS);
    expect(machine.nextLevel).toBe(8);
    machine.heartbeat();
    expect(machine.nextLevel).toBe(8);
    machine.suspicion(8);
    expect(machine.nextLevel).toBe(16);
    machine.suspicion(16);
    expect(machine.nextLevel).toBe(null);
    machine.heartbeat(); //                 a recovery has begun: silence can end it
    expect(machine.nextLevel).toBe(8);
    machine.suspicion(8);
    expect(machine.nextLevel).toBe(null);
    machine.heartbeat();
    machine.heartbeat();
    expect(machine.nextLevel).toBe(8);
  });

  test("knows no suspect where both levels are one", () => {
    const machine = new VerdictMachine({ ...OPTIONS, suspectPhi: 16 });
    expect(machine.nextLevel).toBe(16);
    machine.suspicion(16);
    expect(machine.verdict).toBe("down");
  });

  test("reconfigure() changes the levels and the count, not the verdict", () => {
    const machine = new VerdictMachine(OPTIONS);
    machine.suspicion(8);
    machine.reconfigure({ suspectPhi: 4, downPhi: 6, upAfterHeartbeats: 3 });
    expect(machine.verdict).toBe("suspect");
    expect(machine.nextLevel).toBe(6);
    machine.suspicion(6);
    expect(machine.verdict).toBe("down");
    machine.heartbeat();
    machine.heartbeat();
    expect(machine.verdict).toBe("down");
    machine.reconfigure(OPTIONS);
    expect(machine.verdict).toBe("down");
    machine.heartbeat();
    expect(machine.verdict).toBe("up");
  });

  test("refuses options out of range, and keeps the old ones", () => {
    const refused = [
      [{ suspectPhi: 0 }, '"suspectPhi" must be > 0, received 0'],
      [{ suspectPhi: NaN }, '"suspectPhi" must be > 0, received NaN'],
      [{ downPhi: 7 }, '"downPhi" must be >= "suspectPhi" (8), received 7'],
      [{ downPhi: NaN }, '"downPhi" must be >= "suspectPhi" (8), received NaN'],
      [{ downPhi: Infinity }, '"downPhi" must be finite, received Infinity'],
      [{ upAfterHeartbeats: 0 }, '"upAfterHeartbeats" must be an integer >= 1, received 0'],
      [{ upAfterHeartbeats: 1.5 }, '"upAfterHeartbeats" must be an integer >= 1, received 1.5'],
    ] as const;
    for (const [options, message] of refused) {
      expect(() => new VerdictMachine({ ...OPTIONS, ...options })).toThrow(
        new RangeError(`Cannot create VerdictMachine: ${message}`),
      );
      const machine = new VerdictMachine(OPTIONS);
      expect(() => machine.reconfigure({ ...OPTIONS, ...options })).toThrow(
        new RangeError(`Cannot reconfigure VerdictMachine: ${message}`),
      );
      expect(machine.nextLevel).toBe(8);
    }
  });
});

type Input = "heartbeat" | "failedProbe" | number;

/** The twin: keeps every input for ever, and reads the verdict off the whole story each time. */
function verdictOfStory(story: readonly Input[], options: VerdictOptions): Verdict {
  let verdict: Verdict = "unknown";
  for (let end = 1; end <= story.length; end++) {
    const input = story[end - 1]!;
    if (typeof input === "number" && input >= options.downPhi) verdict = "down";
    if (verdict === "down") {
      if (heartbeatsInARow(story.slice(0, end), options) >= options.upAfterHeartbeats)
        verdict = "up";
    } else if (input === "heartbeat") {
      verdict = "up";
    } else if (typeof input === "number" && input >= options.suspectPhi) {
      verdict = "suspect";
    }
  }
  return verdict;
}

/** The heartbeats at the story's end that nothing came between; a low φ is not a thing. */
function heartbeatsInARow(story: readonly Input[], { suspectPhi }: VerdictOptions): number {
  let count = 0;
  for (const input of story.toReversed()) {
    if (input === "heartbeat") count++;
    else if (input === "failedProbe" || input >= suspectPhi) break;
  }
  return count;
}

const anyOptions = fc
  .record({
    suspectPhi: fc.integer({ min: 1, max: 10 }),
    margin: fc.integer({ min: 0, max: 10 }),
    upAfterHeartbeats: fc.integer({ min: 1, max: 5 }),
  })
  .map(({ suspectPhi, margin, upAfterHeartbeats }) => ({
    suspectPhi,
    downPhi: suspectPhi + margin,
    upAfterHeartbeats,
  }));
const anyInput: fc.Arbitrary<Input> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Input>("heartbeat") },
  { weight: 1, arbitrary: fc.constant<Input>("failedProbe") },
  { weight: 3, arbitrary: fc.integer({ min: 0, max: 22 }) },
);

function give(machine: VerdictMachine, input: Input): void {
  if (input === "heartbeat") machine.heartbeat();
  else if (input === "failedProbe") machine.failedProbe();
  else machine.suspicion(input);
}

describe("VerdictMachine and a twin that forgets nothing", () => {
  test("agree on every verdict of any story", () => {
    fc.assert(
      fc.property(anyOptions, fc.array(anyInput, { maxLength: 60 }), (options, story) => {
        const machine = new VerdictMachine(options);
        for (let end = 1; end <= story.length; end++) {
          give(machine, story[end - 1]!);
          expect(machine.verdict).toBe(verdictOfStory(story.slice(0, end), options));
        }
      }),
      { numRuns: 500 },
    );
  });

  test("nextLevel misses nothing: φ below it changes neither the verdict nor what follows", () => {
    fc.assert(
      fc.property(
        anyOptions,
        fc.array(anyInput, { maxLength: 30 }),
        fc.array(anyInput, { maxLength: 10 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (options, story, rest, share) => {
          const calm = new VerdictMachine(options);
          const watched = new VerdictMachine(options);
          for (const input of story) {
            give(calm, input);
            give(watched, input);
          }
          watched.suspicion(share * (watched.nextLevel ?? 1e6));
          for (const input of rest) {
            expect(watched.verdict).toBe(calm.verdict);
            give(calm, input);
            give(watched, input);
          }
          expect(watched.verdict).toBe(calm.verdict);
        },
      ),
      { numRuns: 500 },
    );
  });
});
