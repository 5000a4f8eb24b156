/**
 * `phi replay TRACE`, `phi replay --target NAME`: judges detectors on the heartbeats that were recorded in a
 * file, or that a running monitor remembers of a target, and ends with what to use. It touches nothing that runs.
 */
import {
  LEAST_HEARTBEATS,
  replay,
  REPLAY_MODELS,
  type ReplayBudget,
  type ReplayModel,
  type ReplayResult,
  type Trace,
  usualWarmUp,
} from "../../qos/mod.ts";
import type { OpenBytes } from "../../bun/mod.ts";
import type { Clock, Timers } from "../../port.ts";
import { type ApiClientArguments, type ApiClientGrants, openApiClient } from "../api_client.ts";
import { EXIT_DONE, type ExitCode, fail, misuse, type Output, printable } from "../output.ts";
import { ProgressBar } from "./progress_bar.ts";
import { readRecordedTrace } from "./recorded_trace.ts";
import { replaySvg } from "./svg.ts";
import { replayTable } from "./table.ts";
import { readTargetTrace } from "./target_trace.ts";

export interface ReplayArguments extends ApiClientArguments {
  /** Instead of a file: what the monitor remembers of it. */
  readonly target?: string;
  /** Names, commas between them; all if not given. */
  readonly models?: string;
  /** Heartbeats that are learnt before any is judged. */
  readonly warmUp?: number;
  /** In milliseconds. */
  readonly detectWithin?: number;
  readonly falseAlarmsPerMonth?: number;
  readonly json?: boolean;
  readonly svg?: boolean;
}

export interface ReplayGrants extends ApiClientGrants {
  readonly openBytes: OpenBytes;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly output: Output;
  /** Writes to the terminal that somebody watches; undefined if nobody does. */
  readonly drawProgress: ((text: string) => void) | undefined;
}

const DAY_MS = 86_400_000;
/** Nobody waits for a month to hear whether a server is there: the unit is another. */
const MOST_DAYS_APART = 30;

export async function runReplay(
  file: string | undefined,
  flags: ReplayArguments,
  grants: ReplayGrants,
): Promise<ExitCode> {
  const { output } = grants;
  const asked = readQuestion(file, flags);
  if (typeof asked === "string") return misuse(output, asked);
  const bar = new ProgressBar(grants.drawProgress, grants.clock);
  const read = await readTrace(file, flags, grants, bar);
  if (!read.ok) {
    bar.clear();
    return read.isMisuse ? misuse(output, read.message) : fail(output, read.message);
  }
  const { trace } = read;
  const heartbeats = trace.arrivalsMs.length;
  const name = trace.name === "-" ? "standard input" : printable(trace.name);
  if (heartbeats < LEAST_HEARTBEATS) {
    bar.clear();
    const few = heartbeats === 1 ? "1 heartbeat tells" : `${heartbeats} heartbeats tell`;
    return fail(output, `${name}: ${few} nothing; ${LEAST_HEARTBEATS} are the least`);
  }
  const meanDays =
    (trace.arrivalsMs[heartbeats - 1]! - trace.arrivalsMs[0]!) / (heartbeats - 1) / DAY_MS;
  if (meanDays > MOST_DAYS_APART) {
    bar.clear();
    const apart = `heartbeats are ${Math.round(meanDays)} days apart in the mean`;
    return fail(
      output,
      `${name}: ${apart}; arrivals must be in milliseconds, and since one moment`,
    );
  }
  const warmUpHeartbeats = flags.warmUp ?? usualWarmUp(heartbeats);
  if (warmUpHeartbeats < 1 || warmUpHeartbeats >= heartbeats) {
    bar.clear();
    const range = `from 1 to ${heartbeats - 1}, so that something of ${heartbeats} heartbeats is left to judge`;
    return misuse(output, `--warm-up must be ${range}; received ${warmUpHeartbeats}`);
  }
  if (trace.arrivalsMs[heartbeats - 1] === trace.arrivalsMs[warmUpHeartbeats - 1]) {
    bar.clear();
    return fail(output, `${name}: all heartbeats to judge arrived at the same moment`);
  }
  const options = { models: asked.models, warmUpHeartbeats, budget: asked.budget };
  const result = await withProgress(replay(trace, options), bar, grants.timers);
  show(result, flags, output);
  return EXIT_DONE;
}

interface Question {
  readonly models: readonly ReplayModel[];
  readonly budget: ReplayBudget;
}

/** Or what is wrong with it. */
function readQuestion(file: string | undefined, flags: ReplayArguments): Question | string {
  if (file === undefined && flags.target === undefined) {
    return "name a trace, - for standard input, or a target with --target";
  }
  if (file !== undefined && flags.target !== undefined) {
    return "a trace and --target are two sources; name one of them";
  }
  if (flags.json && flags.svg) return "--json and --svg are two shapes; ask for one of them";
  const { detectWithin, falseAlarmsPerMonth } = flags;
  if (detectWithin !== undefined && detectWithin <= 0) {
    return `--detect-within must be more than 0 ms; received ${detectWithin}`;
  }
  if (falseAlarmsPerMonth !== undefined && falseAlarmsPerMonth <= 0) {
    return (
      `--false-alarms-per-month must be more than 0; received ${falseAlarmsPerMonth}. ` +
      "None at all is what nobody can promise; 0.01 is one in eight years"
    );
  }
  const models = readModels(flags.models);
  if (typeof models === "string") return models;
  return { models, budget: { detectWithinMs: detectWithin, falseAlarmsPerMonth } };
}

function readModels(text: string | undefined): readonly ReplayModel[] | string {
  if (text === undefined) return REPLAY_MODELS;
  const names = text.split(",").map((name) => name.trim());
  const known = REPLAY_MODELS.map(({ name }) => name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    return `--models: there is no "${unknown}"; there are ${known.join(", ")}`;
  }
  return REPLAY_MODELS.filter(({ name }) => names.includes(name));
}

type TraceRead =
  | { readonly ok: true; readonly trace: Trace }
  | { readonly ok: false; readonly message: string; readonly isMisuse?: boolean };

async function readTrace(
  file: string | undefined,
  flags: ReplayArguments,
  grants: ReplayGrants,
  bar: ProgressBar,
): Promise<TraceRead> {
  if (file !== undefined) return await readRecordedTrace(file, grants.openBytes, bar);
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return { ...opened, isMisuse: true };
  return await readTargetTrace(flags.target!, opened.client);
}

async function withProgress(
  run: Generator<number, ReplayResult>,
  bar: ProgressBar,
  timers: Timers,
): Promise<ReplayResult> {
  let step = run.next();
  for (; step.done !== true; step = run.next()) {
    // Nobody sees what is drawn while the loop is held.
    if (bar.show("judging", step.value)) await timers.yieldToLoop();
  }
  bar.clear();
  return step.value;
}

function show(result: ReplayResult, flags: ReplayArguments, output: Output): void {
  if (flags.json) output.data(JSON.stringify(result, null, 2));
  else if (flags.svg) output.data(replaySvg(result));
  else for (const line of replayTable(result)) output.data(line);
}
