import { expect, test } from "bun:test";
import type { Sample } from "../recording.ts";
import { leadershipFinding } from "./leadership.ts";

const sample = (monitor: string, leader: string | null, term: number | null): Sample => ({
  monitor,
  atMs: 1,
  targets: [],
  leader,
  term,
  doubts: [],
});
const judge = (...samples: Sample[]) => leadershipFinding({ samples, silences: [], notes: [] });

test("leadershipFinding() lets leaders change from term to term, and be unknown", () => {
  const found = judge(
    sample("monitor1", "monitor1", 1),
    sample("monitor2", null, 1),
    sample("monitor2", "monitor2", 2),
    sample("monitor1", null, null),
  );
  expect(found).toMatchObject({ isMet: true, measured: "2 terms with a leader" });
});

test("leadershipFinding() names a term with two leaders", () => {
  const found = judge(sample("monitor1", "monitor1", 3), sample("monitor2", "monitor2", 3));
  expect(found).toMatchObject({ isMet: false, measured: "term 3: monitor1 and monitor2" });
});
