/** What a running monitor remembers of a target's heartbeats, as a trace: its name goes in, the last gaps come out. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Trace, traceOfGaps } from "../../qos/mod.ts";
import { type ApiClient, parseJson } from "../api_client.ts";
import { whyUntold } from "../why_untold.ts";

export type TargetTraceResult =
  | { readonly ok: true; readonly trace: Trace }
  | { readonly ok: false; readonly message: string };

/** What `GET /targets/:name/intervals` answers, oldest first. */
const Intervals = Type.Object({
  target: Type.String(),
  intervals: Type.Array(Type.Object({ ms: Type.Number({ minimum: 0 }), outage: Type.Boolean() })),
});

export async function readTargetTrace(name: string, client: ApiClient): Promise<TargetTraceResult> {
  const answer = await client.call(`/targets/${encodeURIComponent(name)}/intervals`);
  if (!answer.ok) return { ok: false, message: whyUntold(name, answer) };
  const told = parseJson(answer.text);
  if (!Value.Check(Intervals, told)) {
    return { ok: false, message: `${answer.api} is not a phi monitor that keeps intervals` };
  }
  const gaps = told.intervals.map(({ ms, outage }) => ({ gapMs: ms, isOutage: outage }));
  return { ok: true, trace: traceOfGaps(told.target, gaps) };
}
