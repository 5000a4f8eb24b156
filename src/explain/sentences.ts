/**
 * An explanation as sentences, in the order in which somebody who was just woken wants to know: what is held
 * of the target, by all and by this monitor; when it was heard last; what φ is and why; what happens next;
 * how it is judged, and how well that went; what failed; and who sees what, or should not be believed.
 */
import { type CombinedReading, DOUBT_WORDS, type Vote } from "../observers/mod.ts";
import type { Explanation, ExplainedObserver } from "./explanation.ts";
import { judgementSentences } from "./judgement_sentences.ts";
import { counted, duration, exactly, moment, phiText, type FormatTime } from "./words.ts";

/** `formatTime` writes a Unix time in ms as RFC 3339. */
export function sentencesOf(explanation: Explanation, formatTime: FormatTime): string[] {
  const when = (wallMs: number) => moment(wallMs, explanation.atWallMs, formatTime);
  const since = (wallMs: number) =>
    `since ${when(wallMs)} (${duration(explanation.atWallMs - wallMs)})`;
  const { observers } = explanation;
  return [
    ...verdicts(explanation, since),
    lastHeartbeat(explanation, when, since),
    expectation(explanation),
    suspicion(explanation),
    next(explanation, when),
    ...judgementSentences(explanation, since),
    ...failures(explanation, when),
    ...selfDoubt(explanation),
    ...observers.filter(({ isSelf }) => !isSelf).map((observer) => another(observer, since)),
  ];
}

type When = (wallMs: number) => string;

function verdicts(explanation: Explanation, since: When): string[] {
  const { target, verdict, verdictSinceWallMs, combined, observer } = explanation;
  const own = `${verdict}, ${since(verdictSinceWallMs)}`;
  if (combined === null || explanation.observers.length < 2) return [`${target} is ${own}.`];
  const minority = explanation.isMinority
    ? " It hears too few of the others for them together to say worse than unknown."
    : "";
  return [
    together(target, combined, since),
    `This monitor${observer === null ? "" : `, ${observer},`} says ${own}.${remembered(explanation)}${minority}`,
  ];
}

function remembered({ verdict, observers }: Explanation): string {
  const isKnown = verdict !== "unknown";
  const vote = observers.find(({ isSelf }) => isSelf)?.vote ?? null;
  if (!isKnown || vote?.verdict !== "unknown") return "";
  return " It only remembers that from before it was started, and votes unknown until it has seen it too.";
}

function together(target: string, combined: CombinedReading, since: When): string {
  const { verdict, votes, memberCount, neededCount, sinceWallMs } = combined;
  const differ = verdict === "partial" ? "they differ: " : "";
  return (
    `For the ${memberCount} monitors together ${target} is ${verdict}, ${since(sinceWallMs)}: ` +
    `${differ}${tally(votes, memberCount)}. It takes ${neededCount} of them to call it down.`
  );
}

/** `2 say up, 1 says down, 1 is not counted`. */
function tally(votes: readonly Vote[], memberCount: number): string {
  const parts: string[] = [];
  for (const verdict of ["up", "suspect", "down", "unknown"] as const) {
    const count = votes.filter((vote) => vote.isCounted && vote.verdict === verdict).length;
    if (count > 0) parts.push(`${count} ${count === 1 ? "says" : "say"} ${verdict}`);
  }
  const uncounted = votes.filter(({ isCounted }) => !isCounted).length;
  if (uncounted > 0) parts.push(`${uncounted} ${uncounted === 1 ? "is" : "are"} not counted`);
  const silent = memberCount - votes.length;
  if (silent > 0) parts.push(`${silent} ${silent === 1 ? "says" : "say"} nothing`);
  return parts.join(", ");
}

/** Below this nobody asks why a silence is shorter than the time since the last heartbeat. */
const NOTICEABLE_MS = 500;

function lastHeartbeat(explanation: Explanation, when: When, since: When): string {
  const { lastHeartbeatWallMs, silenceMs, watchedSinceWallMs, isPushed, atWallMs } = explanation;
  if (lastHeartbeatWallMs === null) {
    const never = isPushed ? "has never reported" : "has never answered";
    return `It ${never}; it has been watched ${since(watchedSinceWallMs)}.`;
  }
  const why = whyLess(explanation, lastHeartbeatWallMs, when);
  const counts =
    why.length > 0
      ? `; only ${duration(silenceMs)} of that count, because ${why.join(", and ")}`
      : "";
  const ago = duration(atWallMs - lastHeartbeatWallMs);
  return `Its last heartbeat came at ${when(lastHeartbeatWallMs)}, ${ago} ago${counts}.`;
}

/** Why the silence is less than all the time since the last heartbeat, if it is. */
function whyLess(
  { silenceMs, silenceSinceWallMs, watchedSinceWallMs, atWallMs }: Explanation,
  lastHeartbeatWallMs: number,
  when: When,
): string[] {
  const isLate = silenceSinceWallMs - lastHeartbeatWallMs > NOTICEABLE_MS;
  const wasRestarted = lastHeartbeatWallMs < watchedSinceWallMs;
  const pausedMs = atWallMs - silenceSinceWallMs - silenceMs;
  return [
    // Only an edit puts it off while the monitor runs.
    isLate && !wasRestarted
      ? [`the silence began anew at ${when(silenceSinceWallMs)}, with other settings`]
      : [],
    (isLate && wasRestarted) || pausedMs > NOTICEABLE_MS
      ? ["this monitor did not run in between"]
      : [],
  ].flat();
}

function expectation({ fit, intervalMs, isPushed }: Explanation): string {
  const rhythm = isPushed
    ? `It should report every ${exactly(intervalMs)}`
    : `It is asked every ${exactly(intervalMs)}`;
  const pause =
    fit.acceptablePauseMs > 0
      ? `, and a pause of ${exactly(fit.acceptablePauseMs)} is accepted`
      : "";
  const spread = `a standard deviation of ${exactly(fit.stdDevMs)}`;
  const raised =
    fit.stdDevInForceMs > fit.stdDevMs
      ? `, taken for ${exactly(fit.stdDevInForceMs)} because minStdDeviationMillis allows no less`
      : "";
  const estimate = fit.gapCount < fit.sampleCount ? " and the first estimate" : "";
  const known =
    fit.gapCount === 0
      ? `no interval is known yet, and ${exactly(fit.meanMs)} is the first estimate, with ${spread}`
      : `its last ${counted(fit.gapCount, "interval")}${estimate} had a mean of ${exactly(fit.meanMs)} and ${spread}`;
  return `${rhythm}; ${known}${raised}${pause}.`;
}

function suspicion(explanation: Explanation): string {
  const { phi, suspectPhi, downPhi } = explanation;
  const levels =
    suspectPhi < downPhi
      ? `suspect from ${phiText(suspectPhi)} and down from ${phiText(downPhi)}`
      : `down from ${phiText(downPhi)}`;
  return `phi is ${phiText(phi)}${because(explanation)}; it is ${levels}.`;
}

/** What makes φ as high as it is, where that is said in a few words: a rank among all that was learnt is not. */
function because({ model, silenceMs, detectionMs, fit }: Explanation): string {
  const silence = `, because a silence of ${duration(silenceMs)} is`;
  if (model === "fixed") {
    const share = Number((silenceMs / (detectionMs ?? Infinity)).toFixed(2));
    return share === 0 ? "" : `${silence} ${share} ${share < 1 ? "of" : "times"} its timeout`;
  }
  const isMeasured = model !== "calibrated" && fit.deviations >= 1;
  return isMeasured ? `${silence} ${deviations(fit.deviations)} longer than expected` : "";
}

function deviations(count: number): string {
  if (count > 1_000) return "over 1000 standard deviations";
  const rounded = Number(count.toFixed(1));
  return `${rounded} standard deviation${rounded === 1 ? "" : "s"}`;
}

function next(explanation: Explanation, when: When): string {
  const { recovery, suspectWallMs, downWallMs, atWallMs } = explanation;
  if (recovery !== null) return recovering(recovery);
  const at = (wallMs: number) => `${when(wallMs)} (in ${duration(wallMs - atWallMs)})`;
  if (downWallMs === null) return "Silence alone will not make it down.";
  const isWarned = suspectWallMs !== null && suspectWallMs < downWallMs;
  const suspect = isWarned ? `suspect at ${at(suspectWallMs)} and ` : "";
  return `If nothing arrives, it will be ${suspect}down at ${at(downWallMs)}.`;
}

function recovering({ heartbeats, needed }: NonNullable<Explanation["recovery"]>): string {
  if (needed === 1) return "It will be up again at its next heartbeat.";
  if (heartbeats === 0)
    return `It will be up again after ${counted(needed, "heartbeat")} in a row.`;
  return (
    `It is coming back: of the ${needed} heartbeats in a row that make it up again, ` +
    `${heartbeats} ${heartbeats === 1 ? "has" : "have"} come. ` +
    "A failed probe, or a suspicious silence, starts the count again."
  );
}

function failures(explanation: Explanation, when: When): string[] {
  const { lastError, failureCount, probeCount, atWallMs, isPushed } = explanation;
  if (isPushed) return [];
  if (lastError === null) {
    if (probeCount === 0) return [];
    const probes = counted(probeCount, "probe");
    return failureCount === 0
      ? [`None of its ${probes} has failed.`]
      : [`${failureCount} of its ${probes} failed, none of them since it has this URL.`];
  }
  const { reason, detail, atWallMs: failedWallMs } = lastError;
  return [
    `${failureCount} of its ${counted(probeCount, "probe")} failed, the last one at ` +
      `${when(failedWallMs)} (${duration(atWallMs - failedWallMs)} ago): ${reason}: ${detail}.`,
  ];
}

function selfDoubt({ selfDoubts, observers }: Explanation): string[] {
  if (selfDoubts.length === 0) return [];
  const why = selfDoubts.map(({ doubt, detail }) => detail || DOUBT_WORDS[doubt]);
  const vote = observers.find(({ isSelf }) => isSelf)?.vote ?? null;
  const uncounted =
    vote !== null && !vote.isCounted ? ` Its vote, ${vote.verdict}, is not counted meanwhile.` : "";
  const paused = selfDoubts.some(({ doubt }) => doubt === "paused")
    ? " Its pause is nobody's silence, and it calls nothing worse before it has asked again."
    : "";
  return [`This monitor doubts itself: ${why.join("; ")}.${paused}${uncounted}`];
}

function another(observer: ExplainedObserver, since: When): string {
  const { id, isHeard, silentMs, vote, doubts } = observer;
  if (!isHeard) {
    const silent =
      silentMs === null ? "was never heard" : `has not been heard for ${duration(silentMs)}`;
    return `${id} ${silent}, and counts as saying nothing.`;
  }
  const says =
    vote === null
      ? `${id} says nothing of it`
      : `${id} says ${vote.verdict}, ${since(vote.sinceWallMs)}, with a phi of ${phiText(vote.phi)}`;
  if (doubts.length === 0) return `${says}.`;
  const uncounted = vote !== null && !vote.isCounted ? ", so this is not counted" : "";
  return `${says}; it doubts itself (${doubts.map((doubt) => DOUBT_WORDS[doubt]).join("; ")})${uncounted}.`;
}
