/**
 * Two of three monitors die. The one that is left cannot take writes, and says so; but it goes on
 * watching, and sees a server die. Then the two come back, and all is as before.
 */
import { memberWithout } from "./member_without.ts";
import { type Finding, within } from "../judge/finding.ts";
import { parseJson } from "../monitor_api.ts";
import { type Scenario, USUAL_LIMITS } from "../scenario.ts";
import type { Stage } from "../stage.ts";

/** A write has to be answered by then, and some time for the way. */
const REFUSED_WITHIN_MS = 2_200;

export const majorityLoss: Scenario = {
  name: "majority-loss",
  summary:
    "two of three monitors are killed, then a server is; the two come back after ten seconds",
  runners: ["docker", "processes"],
  minMonitors: 3,
  limits: USUAL_LIMITS,

  async act(stage) {
    await stage.pass(3_000);
    const leader = await stage.leader();
    const left = memberWithout(stage.monitors, [leader]);
    const lost = stage.monitors.map(({ name }) => name).filter((name) => name !== left);
    const restart = await stage.kill(lost, true);
    // Longer than an election, so that the one that is left has understood.
    await stage.pass(3_000);
    const findings = await aloneFindings(stage, left);
    const restartServer = await stage.kill(["server1"]);
    await stage.pass(6_000);
    await restart();
    await restartServer();
    await stage.pass(6_000);
    return findings;
  },
};

async function aloneFindings(stage: Stage, left: string): Promise<Finding[]> {
  const fromMs = stage.nowMs();
  const write = await stage.ask(left, "/config", {
    method: "PUT",
    headers: { "content-type": "application/json" },
    // Without a value, so that it is none of the clients' business if it comes to be after all.
    body: JSON.stringify({ name: "alone", url: "push:", intervalMillis: 86_400_000 }),
  });
  const tookMs = stage.nowMs() - fromMs;
  const ready = await stage.ask(left, "/readyz");
  const stale = await stage.ask(left, "/config?stale=true");
  const refusal = write.ok ? `${write.status}: ${write.text}` : write.detail;
  const retryAfter = write.ok ? write.headers.get("retry-after") : null;
  const isTold = /urn:phi:problem:write_(?:failed|unknown)/u.test(refusal);
  return [
    within("without a majority a write is answered", write.ok ? tookMs : null, REFUSED_WITHIN_MS),
    {
      claim: "that answer is 503, with Retry-After, and says whether the write failed",
      isMet: write.ok && write.status === 503 && retryAfter !== null && isTold,
      measured: `${refusal.replaceAll(/\s+/gu, " ").slice(0, 120)}; Retry-After: ${retryAfter}`,
    },
    {
      claim: 'meanwhile /readyz answers 200 with "quorum": false',
      isMet: ready.ok && ready.status === 200 && hasNoQuorum(ready.text),
      measured: ready.ok ? `${ready.status}: ${ready.text.replaceAll(/\s+/gu, " ")}` : ready.detail,
    },
    {
      claim: "meanwhile GET /config?stale=true answers",
      isMet: stale.ok && stale.status === 200,
      measured: stale.ok ? `${stale.status}, ETag ${stale.headers.get("etag")}` : stale.detail,
    },
  ];
}

function hasNoQuorum(text: string): boolean {
  const body = parseJson(text);
  return typeof body === "object" && body !== null && "quorum" in body && body.quorum === false;
}
