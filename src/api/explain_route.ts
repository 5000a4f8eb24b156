/**
 * `GET /targets/:name/explain`: why the verdict is what it is, in sentences and in numbers as JSON, or the
 * sentences alone as text.
 */
import { explain, sentencesOf, type Explanation } from "../explain/mod.ts";
import type { MonitorReading } from "../monitor/mod.ts";
import type { ObserversReading, SelfDoubtReading } from "../observers/mod.ts";
import { negotiate } from "./accept.ts";
import { jsonAnswer, unknownTarget } from "./answer.ts";
import type { ExplanationView } from "./explanation_schema.ts";
import { viewCombinedWithVotes, viewObserver } from "./observer_views.ts";
import { problem } from "./problem.ts";
import { formatRfc3339 } from "../moment/mod.ts";
import { viewBudget, viewDetector, viewQuality } from "./quality_views.ts";
import { seconds, thousandths } from "./rounding.ts";
import type { Route } from "./route.ts";
import { explainTargetOperation } from "./watch_operations.ts";

export interface ExplainRouteDeps {
  readonly monitor: MonitorReading;
  readonly observer?: string;
  readonly selfDoubt?: SelfDoubtReading;
  readonly observers?: ObserversReading;
}

const OFFERED = ["application/json", "text/plain"] as const;

export function explainRoutes(deps: ExplainRouteDeps): Route[] {
  return [
    {
      method: "GET",
      path: "/targets/:name/explain",
      operation: explainTargetOperation,
      handle(request, { name }) {
        const type = negotiate(request.headers.get("accept"), OFFERED);
        if (type === null) {
          return problem("not_acceptable", `There is ${OFFERED.join(" and ")}.`);
        }
        const watch = typeof name === "string" ? deps.monitor.watch(name) : undefined;
        if (watch === undefined) return unknownTarget(name ?? null);
        const explanation = explain(watch, deps);
        const sentences = sentencesOf(explanation, formatRfc3339);
        if (type === "application/json") {
          const judged = {
            detector: viewDetector(watch, deps.monitor.nowMs()),
            quality: viewQuality(watch, deps.monitor),
            budget: viewBudget(watch, deps.monitor.nowMs()),
          };
          return jsonAnswer(viewExplanation(explanation, sentences, judged), { vary: "accept" });
        }
        const headers = { "content-type": "text/plain; charset=utf-8", vary: "accept" };
        return new Response(`${sentences.join("\n")}\n`, { headers });
      },
    },
  ];
}

function viewExplanation(
  explanation: Explanation,
  sentences: string[],
  judged: Pick<ExplanationView, "detector" | "quality" | "budget">,
): ExplanationView {
  const { fit, lastError } = explanation;
  return {
    target: explanation.target,
    observer: explanation.observer,
    at: formatRfc3339(explanation.atWallMs),
    sentences,
    verdict: explanation.verdict,
    verdictSince: formatRfc3339(explanation.verdictSinceWallMs),
    watchedSince: formatRfc3339(explanation.watchedSinceWallMs),
    lastHeartbeat: formatMoment(explanation.lastHeartbeatWallMs),
    silenceSeconds: seconds(explanation.silenceMs),
    intervalSeconds: seconds(explanation.intervalMs),
    pushed: explanation.isPushed,
    phi: explanation.phi,
    suspectPhi: explanation.suspectPhi,
    threshold: explanation.downPhi,
    fit: {
      samples: fit.sampleCount,
      meanMs: thousandths(fit.meanMs),
      stdDevMs: thousandths(fit.stdDevMs),
      leastStdDevMs: fit.leastStdDevMs,
      stdDevInForceMs: thousandths(fit.stdDevInForceMs),
      acceptablePauseMs: fit.acceptablePauseMs,
      deviations: thousandths(fit.deviations),
    },
    ...judged,
    suspectAt: formatMoment(explanation.suspectWallMs),
    downAt: formatMoment(explanation.downWallMs),
    recovery: explanation.recovery,
    probes: { total: explanation.probeCount, failed: explanation.failureCount },
    lastError: lastError && {
      reason: lastError.reason,
      detail: lastError.detail,
      at: formatRfc3339(lastError.atWallMs),
    },
    selfDoubts: [...explanation.selfDoubts],
    combined: explanation.combined && viewCombinedWithVotes(explanation.combined),
    minority: explanation.isMinority,
    observers: explanation.observers.map(viewObserver),
  };
}

function formatMoment(wallMs: number | null): string | null {
  return wallMs === null ? null : formatRfc3339(wallMs);
}
