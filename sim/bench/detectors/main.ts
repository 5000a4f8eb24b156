/**
 * `make bench-detectors`: how good every detector is, on recorded traces where they are there and on generated ones,
 * as the tables of `docs/detectors.md`. With `--svg DIRECTORY` the curves too. Arguments name some of the parts.
 */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { replaySvg } from "../../../src/cli/replay/svg.ts";
import {
  replay,
  REPLAY_MODELS,
  type ReplayResult,
  usualWarmUp,
  type Trace,
} from "../../../src/qos/mod.ts";
import { BudgetReport } from "./budget.ts";
import { calibrationReport, type Judged } from "./calibration.ts";
import { changeReport } from "./change.ts";
import { costReport } from "./cost.ts";
import { curvesReport, envelopeReport } from "./envelope.ts";
import { benchTraces } from "./traces.ts";

const PARTS = ["calibration", "envelope", "curves", "budget", "change", "cost"] as const;
type Part = (typeof PARTS)[number];

function judgeAll(svgDirectory: string | undefined): Judged[] {
  const judged: Judged[] = [];
  for (const { trace, kind, isRecorded } of benchTraces()) {
    const startedMs = performance.now();
    const result = judge(trace);
    const seconds = ((performance.now() - startedMs) / 1_000).toFixed(1);
    console.error(`${trace.name}: ${trace.arrivalsMs.length} heartbeats in ${seconds} s`);
    if (svgDirectory !== undefined) {
      mkdirSync(svgDirectory, { recursive: true });
      writeFileSync(join(svgDirectory, `${trace.name}.svg`), `${replaySvg(result)}\n`);
    }
    judged.push({ bench: { kind, isRecorded }, result });
  }
  return judged;
}

function judge(trace: Trace): ReplayResult {
  const warmUpHeartbeats = usualWarmUp(trace.arrivalsMs.length);
  const work = replay(trace, { models: REPLAY_MODELS, warmUpHeartbeats, budget: {} });
  let step = work.next();
  while (step.done !== true) step = work.next();
  return step.value;
}

function print(title: string, ...texts: readonly string[]): void {
  console.log(`\n### ${title}\n\n${texts.join("\n\n")}`);
}

async function run(parts: readonly Part[], svgDirectory: string | undefined): Promise<void> {
  const wants = (part: Part) => parts.includes(part);
  if (wants("calibration") || wants("envelope") || wants("curves") || svgDirectory !== undefined) {
    const judged = judgeAll(svgDirectory);
    if (wants("calibration"))
      print("Calibration: observed over expected", calibrationReport(judged));
    if (wants("envelope"))
      print("Mistakes of calibrated beside the best of all others", envelopeReport(judged));
    if (wants("curves")) {
      for (const each of judged) print(`Mistakes on ${each.result.trace}`, curvesReport(each));
    }
  }
  if (wants("budget")) {
    const report = new BudgetReport();
    for (const { trace, kind } of benchTraces()) report.add(trace, kind);
    print("falseAlarmsPerMonth: achieved over stated", report.toString());
  }
  if (wants("change")) print("The interval changes threefold, for good", changeReport());
  if (wants("cost")) print("Cost", await costReport());
}

const isPart = (name: string): name is Part => (PARTS as readonly string[]).includes(name);

const options = { svg: { type: "string" } } as const;
const { values, positionals } = parseArgs({ options, allowPositionals: true });
const unknown = positionals.find((name) => !isPart(name));
if (unknown !== undefined) {
  console.error(`There is no part "${unknown}"; there are: ${PARTS.join(", ")}`);
  process.exit(2);
}
await run(positionals.length === 0 ? PARTS : positionals.filter(isPart), values.svg);
