/** `phi top` where nobody can look on: everything, once, the worst first. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { ClusterStatus } from "../../cluster/mod.ts";
import {
  isCombinedVerdict,
  isVerdict,
  lettersOf,
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
  const failStrange = () => fail(output, `${answer.api} is not a phi monitor`);
  if (!isTargets(answered)) return failStrange();
  const targets = WORST_FIRST.flatMap((verdict) =>
    answered.filter((target) => shownOf(target) === verdict),
  );
  const readiness = await read(client, "/readyz", isReadiness);
  const observers = await read(client, "/observers", isObservers);
  const cluster = await read(client, "/cluster", isCluster);
  if (readiness === undefined || observers === undefined || cluster === undefined) {
    return failStrange();
  }
  if (isJson) {
    output.data(JSON.stringify({ monitor: readiness, observers, cluster, targets }, null, 2));
    return EXIT_DONE;
  }
  const matrix = await read(client, "/observers/matrix", isMatrix);
  if (matrix === undefined) return failStrange();
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
  const letters = lettersOf(matrix, name);
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

/** Null where there is no such thing; undefined where what is there is none of a monitor's. */
async function read<Body>(
  client: ApiClient,
  path: string,
  isBody: (value: unknown) => value is Body,
): Promise<Body | null | undefined> {
  const answer = await client.call(path);
  if (!answer.ok) return null;
  const body = parseJson(answer.text);
  return isBody(body) ? body : undefined;
}

// Answers only as far as they are relied on, because another version may say more, or less.

const Readiness = Type.Object({ watching: Type.Number() });
const Observers = Type.Object({
  observers: Type.Array(Type.Object({ id: Type.String(), doubts: Type.Array(Type.String()) })),
});
const Cluster = Type.Object({ members: Type.Array(Type.Unknown()) });
const Matrix = Type.Object({ targets: Type.Record(Type.String(), Type.String()) });

function isReadiness(value: unknown): value is ReadinessAnswer {
  return Value.Check(Readiness, value);
}

function isObservers(value: unknown): value is ObserversAnswer {
  return Value.Check(Observers, value);
}

function isCluster(value: unknown): value is ClusterStatus {
  return Value.Check(Cluster, value);
}

function isMatrix(value: unknown): value is MatrixAnswer {
  return Value.Check(Matrix, value);
}

function isTargets(value: unknown): value is readonly TargetAnswer[] {
  return (
    Array.isArray(value) &&
    value.every(
      (each: Partial<TargetAnswer>) =>
        typeof each?.name === "string" &&
        isVerdict(each.verdict) &&
        typeof each.phi === "number" &&
        (each.combined === undefined || isCombinedVerdict(each.combined?.verdict)),
    )
  );
}
