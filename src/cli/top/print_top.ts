/** `phi top` where nobody can look on: everything, once, the worst first. */
import type { ClusterStatus } from "../../cluster/mod.ts";
import {
  isVerdict,
  type MatrixAnswer,
  momentOf,
  type ObserversAnswer,
  type ReadinessAnswer,
  type TargetAnswer,
  WORST_FIRST,
} from "../../ui/mod.ts";
import type { CombinedVerdict } from "../../verdict/mod.ts";
import { type ApiAnswer, type ApiClient, parseJson } from "../api_client.ts";
import { EXIT_DONE, fail, type ExitCode, type Output } from "../output.ts";
import { PLAIN } from "./paint.ts";
import { renderTop, type TopRow, type TopView } from "./top_lines.ts";

export interface PrintOptions {
  readonly isJson: boolean;
  readonly formatTime: (wallMs: number) => string;
}

/** Nothing is cut: whoever reads this has all the columns that it takes. */
const COLUMNS = 200;

export async function printTop(
  client: ApiClient,
  { isJson, formatTime }: PrintOptions,
  output: Output,
): Promise<ExitCode> {
  const answer = await client.call("/targets");
  if (!answer.ok) return fail(output, answer.message);
  const answered: unknown = parseJson(answer.text);
  if (!isTargets(answered)) return fail(output, `${answer.api} is not a phi monitor`);
  const targets = WORST_FIRST.flatMap((verdict) =>
    answered.filter((target) => shownOf(target) === verdict),
  );
  const readiness = await read<ReadinessAnswer>(client, "/readyz");
  const observers = await read<ObserversAnswer>(client, "/observers");
  const cluster = await read<ClusterStatus>(client, "/cluster");
  if (isJson) {
    output.data(JSON.stringify({ monitor: readiness, observers, cluster, targets }, null, 2));
    return EXIT_DONE;
  }
  const matrix = await read<MatrixAnswer>(client, "/observers/matrix");
  const view: TopView = {
    api: answer.api,
    link: { kind: "live" },
    readiness,
    observers,
    cluster,
    counts: countShown(targets),
    offset: 0,
    search: "",
    isSearching: false,
    happenings: [],
    rowCount: targets.length,
    row: (index: number) => rowOf(targets[index]!, matrix),
    // Of the answer, so that a clock which is wrong here makes no wrong ages.
    nowMs: momentOfAnswer(answer),
    formatTime,
  };
  const { lines } = renderTop(view, { columns: COLUMNS, rows: Number.POSITIVE_INFINITY }, PLAIN);
  for (const line of lines) output.data(line);
  return EXIT_DONE;
}

function shownOf({ combined, verdict }: TargetAnswer): CombinedVerdict {
  return combined?.verdict ?? verdict;
}

function countShown(targets: readonly TargetAnswer[]): Record<CombinedVerdict, number> {
  const counts = { unknown: 0, up: 0, suspect: 0, partial: 0, down: 0 };
  for (const target of targets) counts[shownOf(target)]++;
  return counts;
}

function rowOf(target: TargetAnswer, matrix: MatrixAnswer | null): TopRow {
  const { name, verdict, verdictSince, combined } = target;
  const since = combined === undefined ? verdictSince : combined.since;
  const letters = matrix?.targets[name];
  return {
    name,
    shown: shownOf(target),
    own: verdict,
    sinceMs: momentOf(since),
    level: target,
    ...(letters !== undefined && { letters }),
  };
}

function momentOfAnswer({ headers }: Extract<ApiAnswer, { ok: true }>): number {
  const date = Date.parse(headers.get("date") ?? "");
  return Number.isNaN(date) ? Date.now() : date;
}

/** Null where there is no such thing. */
async function read<Body>(client: ApiClient, path: string): Promise<Body | null> {
  const answer = await client.call(path);
  if (!answer.ok) return null;
  const body: Body = JSON.parse(answer.text);
  return body;
}

/** As far as it is relied on. */
function isTargets(value: unknown): value is readonly TargetAnswer[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each: Partial<TargetAnswer>) =>
        typeof each?.name === "string" && isVerdict(each.verdict) && typeof each.phi === "number",
    )
  );
}
