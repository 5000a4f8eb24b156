import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  combinedVerdict,
  dissentersOf,
  isHeldDown,
  majorityOf,
  neededOf,
  nextMemory,
  quorumOf,
  VERDICTS,
  type CombinedVerdict,
  type DownMemory,
  type Quorum,
  type Verdict,
} from "./mod.ts";

/** One monitor's look: the votes that count, and what it and the others whom it hears remember. */
interface Look {
  readonly votes: readonly Verdict[];
  readonly own: DownMemory;
  readonly others: readonly DownMemory[];
  readonly quorum: Quorum;
}

const LETTERS: Readonly<Record<string, Verdict>> = {
  n: "unknown",
  u: "up",
  s: "suspect",
  d: "down",
};
/** `duu`: the votes of three observers. */
const votesOf = (letters: string) => Array.from(letters, (letter) => LETTERS[letter]!);

function countOf<Name extends string>(names: readonly Name[], all: readonly Name[]) {
  const counts = Object.fromEntries(all.map((name) => [name, 0])) as Record<Name, number>;
  for (const name of names) counts[name]++;
  return counts;
}

const MEMORIES = ["none", "free", "held"] as const;

function look({ votes, own, others, quorum }: Look): {
  verdict: CombinedVerdict;
  memory: DownMemory;
} {
  const counts = countOf(votes, VERDICTS);
  const remembered = countOf(others, MEMORIES);
  const memory = nextMemory(own, counts, remembered, quorum);
  return { verdict: combinedVerdict(counts, isHeldDown(memory, remembered), quorum), memory };
}

/** All are heard, and nobody remembers anything but perhaps this one. */
function verdictOf(letters: string, own: DownMemory = "none", memberCount = letters.length) {
  const quorum = quorumOf(memberCount, letters.length);
  return look({ votes: votesOf(letters), own, others: [], quorum }).verdict;
}

/** The rules once more, word by word. */
function dumbTwin({ votes, own, others, quorum }: Look): CombinedVerdict {
  const say = (...verdicts: Verdict[]) => votes.filter((vote) => verdicts.includes(vote)).length;
  const needed = quorum.neededCount;
  // Who remembers nothing goes by the others, which is no more than they say already.
  const { held, free } = countOf([own, ...others], MEMORIES);
  const wasDown = held > free;
  const nobodyKnows = votes.length > 0 && say("unknown") === votes.length;
  const staysDown = wasDown && (say("down") >= 1 || nobodyKnows) && say("up") < needed;
  let verdict: CombinedVerdict = "unknown";
  if (say("down") >= needed || staysDown) verdict = "down";
  else if (say("down", "suspect") >= needed) verdict = "suspect";
  else if (say("down") >= 1) verdict = "partial";
  else if (say("up") >= 1) verdict = "up";
  const isWorse = verdict === "down" || verdict === "suspect" || verdict === "partial";
  return quorum.isMinority && isWorse ? "unknown" : verdict;
}

const verdicts = fc.constantFrom(...VERDICTS);
const memories = fc.constantFrom(...MEMORIES);

/** A cluster of up to seven, any part of it heard, and any part of that counted. */
const looks: fc.Arbitrary<Look> = fc.integer({ min: 1, max: 7 }).chain((memberCount) =>
  fc.integer({ min: 1, max: memberCount }).chain((heardCount) =>
    fc.record({
      votes: fc.array(verdicts, { maxLength: heardCount }),
      own: memories,
      others: fc.array(memories, { maxLength: heardCount - 1 }),
      quorum: fc.constant(quorumOf(memberCount, heardCount)),
    }),
  ),
);

describe("combinedVerdict()", () => {
  test("is what the rules say, of three", () => {
    const table: Readonly<Record<string, CombinedVerdict>> = {
      ddd: "down",
      ddu: "down",
      dun: "partial",
      duu: "partial",
      dsu: "suspect",
      ssu: "suspect",
      suu: "up",
      snn: "unknown",
      unn: "up",
      nnn: "unknown",
    };
    for (const [letters, verdict] of Object.entries(table)) {
      expect([letters, verdictOf(letters)]).toEqual([letters, verdict]);
    }
  });

  test("is its own verdict where there is one observer", () => {
    for (const letter of "nusd") expect(verdictOf(letter)).toBe(LETTERS[letter]!);
  });

  test("of two takes both, and one alone says nothing worse than up", () => {
    expect(verdictOf("du")).toBe("partial");
    expect(verdictOf("dd")).toBe("down");
    expect(verdictOf("d", "none", 2)).toBe("unknown");
    expect(verdictOf("u", "none", 2)).toBe("up");
  });

  test("is what the dumb twin says", () => {
    fc.assert(
      fc.property(looks, (one) => {
        expect(look(one).verdict).toBe(dumbTwin(one));
      }),
      { numRuns: 5_000 },
    );
  });

  test("says nothing worse than up in a minority, whatever it remembers", () => {
    fc.assert(
      fc.property(looks, (one) => {
        fc.pre(one.quorum.isMinority);
        const { verdict, memory } = look(one);
        expect(["unknown", "up"]).toContain(verdict);
        expect(memory).toBe(one.own);
      }),
      { numRuns: 2_000 },
    );
  });

  test("becomes down only when enough say so, or when a majority remembers that they did", () => {
    fc.assert(
      fc.property(looks, (one) => {
        const { verdict } = look(one);
        if (verdict !== "down") return;
        const { down, up, suspect } = countOf(one.votes, VERDICTS);
        const { held, free } = countOf([one.own, ...one.others], MEMORIES);
        const isOpen = down > 0 || up + suspect === 0;
        expect(down >= one.quorum.neededCount || (isOpen && held > free)).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  test("stays down until nobody says so any more, or enough say up", () => {
    expect(verdictOf("duu", "held")).toBe("partial");
    expect(verdictOf("dnu", "held")).toBe("down");
    expect(verdictOf("dsu", "held")).toBe("down");
    expect(verdictOf("snu", "held")).toBe("up");
    expect(verdictOf("ssn", "held")).toBe("suspect");
    expect(verdictOf("snn", "held")).toBe("unknown");
    expect(verdictOf("ddduu", "held")).toBe("down");
    expect(verdictOf("ddsuu", "held")).toBe("down");
    expect(verdictOf("dduuu", "held")).toBe("partial");
  });

  test("stays what it was while nobody knows anything, who have all begun again", () => {
    expect(verdictOf("nnn", "held")).toBe("down");
    expect(verdictOf("n", "held", 1)).toBe("down");
    expect(verdictOf("nnn", "free")).toBe("unknown");
    expect(verdictOf("nnn", "none")).toBe("unknown");
    // Nobody's vote counts: then what is remembered does not either.
    expect(verdictOf("", "held", 3)).toBe("unknown");
    const nobody = { votes: [], own: "held", others: ["held", "held"] } as const;
    expect(look({ ...nobody, quorum: quorumOf(3, 3) })).toEqual({
      verdict: "unknown",
      memory: "held",
    });
  });

  test("never flaps on a split of two and two, whatever two of them change to meanwhile", () => {
    const flapping = fc.array(fc.tuple(verdicts, verdicts), { minLength: 1, maxLength: 20 });
    fc.assert(
      fc.property(flapping, fc.boolean(), (changes, wasDown) => {
        let memory: DownMemory = wasDown ? "held" : "free";
        const quorum = quorumOf(4, 4);
        const seen = changes.map(([left, right]) => {
          const votes = ["down", "down", left, right] as const;
          const now = look({ votes, own: memory, others: [], quorum });
          memory = now.memory;
          return now.verdict;
        });
        // Without a third that says down it is what it was, for good.
        const third = changes.findIndex((pair) => pair.includes("down"));
        const before = third === -1 ? seen : seen.slice(0, third);
        for (const verdict of before) expect(verdict === "down").toBe(wasDown);
        for (const verdict of third === -1 ? [] : seen.slice(third)) expect(verdict).toBe("down");
      }),
    );
  });
});

/** Those who hear the same votes, each with a memory of its own, until nothing changes any more. */
function exchange(votes: readonly Verdict[], start: readonly DownMemory[], quorum: Quorum) {
  let held = [...start];
  for (let round = 0; ; round++) {
    const next = held.map((own, place) =>
      look({ votes, own, others: held.toSpliced(place, 1), quorum }),
    );
    const memory = next.map((one) => one.memory);
    if (memory.join() === held.join())
      return { rounds: round, verdicts: next.map((one) => one.verdict) };
    held = memory;
  }
}

describe("nextMemory()", () => {
  const clusters = fc.integer({ min: 1, max: 7 }).chain((memberCount) =>
    fc.integer({ min: 1, max: memberCount }).chain((heardCount) =>
      fc.record({
        votes: fc.array(verdicts, { maxLength: heardCount }),
        start: fc.array(memories, { minLength: heardCount, maxLength: heardCount }),
        quorum: fc.constant(quorumOf(memberCount, heardCount)),
      }),
    ),
  );

  test("makes monitors agree that have the same views and have exchanged, whatever their pasts", () => {
    fc.assert(
      fc.property(clusters, ({ votes, start, quorum }) => {
        const { rounds, verdicts: all } = exchange(votes, start, quorum);
        expect(rounds).toBeLessThanOrEqual(2);
        expect(new Set(all).size).toBe(1);
      }),
      { numRuns: 5_000 },
    );
  });

  test("makes them agree too when each hears of the others' memories in an order of its own", () => {
    const deliveries = fc.array(fc.tuple(fc.nat(6), fc.nat(6)), { maxLength: 60 });
    fc.assert(
      fc.property(clusters, deliveries, ({ votes, start, quorum }, order) => {
        const count = start.length;
        const own = [...start];
        // What each has heard of each.
        const heard = own.map(() => own.map((): DownMemory => "none"));
        const judge = (place: number) =>
          look({ votes, own: own[place]!, others: heard[place]!.toSpliced(place, 1), quorum });
        const deliver = (from: number, to: number) => {
          if (from !== to) heard[to]![from] = own[from]!;
          own[to] = judge(to).memory;
        };
        for (const [from, to] of order) deliver(from % count, to % count);
        // From here on everything arrives, a round at a time.
        for (let round = 0; round < 4; round++) {
          for (let from = 0; from < count; from++) {
            for (let to = 0; to < count; to++) deliver(from, to);
          }
        }
        expect(new Set(own.map((_, place) => judge(place).verdict)).size).toBe(1);
      }),
      { numRuns: 3_000 },
    );
  });

  test("learns nothing from those who know nothing, and adopts what one remembers", () => {
    const quorum = quorumOf(3, 3);
    const ofNobody = look({ votes: votesOf("nnn"), own: "none", others: ["none", "none"], quorum });
    expect(ofNobody).toEqual({ verdict: "unknown", memory: "none" });
    // Two have just been started anew; the third has seen it go down.
    const restarted = look({
      votes: votesOf("dnn"),
      own: "none",
      others: ["held", "none"],
      quorum,
    });
    expect(restarted).toEqual({ verdict: "down", memory: "held" });
    const third = look({ votes: votesOf("dnn"), own: "held", others: ["none", "none"], quorum });
    expect(third).toEqual({ verdict: "down", memory: "held" });
  });

  test("on a tie goes by those who know of no down", () => {
    const quorum = quorumOf(4, 4);
    const others = ["held", "free", "free"] as const;
    expect(look({ votes: votesOf("dduu"), own: "held", others, quorum }).verdict).toBe("partial");
  });

  test("keeps what it was while nobody's vote counts", () => {
    const quorum = quorumOf(3, 3);
    const mute = look({ votes: [], own: "held", others: ["free", "free"], quorum });
    expect(mute).toEqual({ verdict: "unknown", memory: "held" });
  });
});

describe("majorityOf()", () => {
  test("is more than half, and of three or more never one", () => {
    expect([1, 2, 3, 4, 5, 6, 7].map(majorityOf)).toEqual([1, 2, 2, 3, 3, 4, 4]);
  });
});

describe("neededOf()", () => {
  test("is what is asked for, but of three or more two at least, and never more than there are", () => {
    const table = [1, 2, 3, 4, 5].map((members) => [1, 2, 3, 9].map((of) => neededOf(members, of)));
    expect(table).toEqual([
      [1, 1, 1, 1],
      [1, 2, 2, 2],
      [2, 2, 3, 3],
      [2, 2, 3, 4],
      [2, 2, 3, 5],
    ]);
    expect(neededOf(0, 5)).toBe(1);
  });
});

test("dissentersOf() names whose counted vote is another; for partial, who says down", () => {
  const votes = [
    { observer: "a", verdict: "down", isCounted: true },
    { observer: "b", verdict: "up", isCounted: true },
    { observer: "c", verdict: "suspect", isCounted: true },
    { observer: "d", verdict: "down", isCounted: false },
  ] as const;
  expect(dissentersOf(votes, "partial")).toEqual(["a"]);
  expect(dissentersOf(votes, "down")).toEqual(["b", "c"]);
  expect(dissentersOf(votes, "suspect")).toEqual(["a", "b"]);
  expect(dissentersOf(votes, "unknown")).toEqual(["a", "b", "c"]);
});
