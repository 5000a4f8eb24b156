/** The votes on one target as a sentence, for the log and for people: "c says down; a, b say up; d is not heard". */
import { VERDICTS, type CombinedVerdict, type Quorum, type Verdict } from "../verdict/mod.ts";
import type { Vote } from "./reading.ts";

export interface Say {
  readonly votes: readonly Vote[];
  readonly quorum: Quorum;
  readonly verdict: CombinedVerdict;
  /** Members that are not heard. */
  readonly silent: readonly string[];
}

/** The worst first. */
export function whoSaysWhat({ votes, quorum, verdict, silent }: Say): string {
  const parts: string[] = [];
  for (const isCounted of [true, false]) {
    for (const said of VERDICTS.toReversed()) {
      const of = votes.filter((vote) => vote.verdict === said && vote.isCounted === isCounted);
      if (of.length > 0) parts.push(clause(namesOf(of), said, isCounted));
    }
  }
  if (silent.length > 0) {
    parts.push(`${silent.join(", ")} ${silent.length === 1 ? "is" : "are"} not heard`);
  }
  const whole = parts.length === 0 ? "nobody says anything" : parts.join("; ");
  return whole + remark(votes, quorum, verdict);
}

function namesOf(votes: readonly Vote[]): readonly string[] {
  return votes.map(({ observer }) => observer);
}

function clause(names: readonly string[], verdict: Verdict, isCounted: boolean): string {
  const verb = names.length === 1 ? "says" : "say";
  return `${names.join(", ")} ${verb} ${verdict}${isCounted ? "" : ", which is not counted"}`;
}

/** What the votes alone do not explain. */
function remark(votes: readonly Vote[], quorum: Quorum, verdict: CombinedVerdict): string {
  const { isMinority, memberCount, neededCount } = quorum;
  if (isMinority) return `; that is no majority of ${memberCount}`;
  const downCount = votes.filter((vote) => vote.isCounted && vote.verdict === "down").length;
  const isHeldDown = verdict === "down" && downCount < neededCount;
  if (isHeldDown && downCount === 0)
    return "; it was down, and stays so until enough of them have looked again";
  return isHeldDown ? `; it stays down until nobody says so or ${neededCount} say up` : "";
}
