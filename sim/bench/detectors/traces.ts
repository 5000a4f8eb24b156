/**
 * What the detectors are judged on: every recorded trace that lies beside the project, and one of each kind
 * that can be generated, from one seed.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Trace, TraceBuilder, TraceText } from "../../../src/qos/mod.ts";
import { TRACE_GENERATORS } from "../../trace/generators.ts";

/** `stationary`: the same all the time, if seldom so quiet; `changing`: the rhythm itself is another later. */
export type TraceKind = "stationary" | "cellular" | "changing";

export interface BenchTrace {
  readonly trace: Trace;
  readonly kind: TraceKind;
  readonly isRecorded: boolean;
}

const PROJECT = fileURLToPath(new URL("../../../", import.meta.url));
const RECORDED = join(process.env["PHI_SHARED_DATA"] ?? join(PROJECT, "../shared/data"), "traces");
const SEED = 1;

/** The bursts of `wan` are rare: it takes a longer piece to have some. */
const COUNTS: Readonly<Record<string, number>> = { wan: 300_000 };
const CHANGING = new Set(["diurnal", "step-up", "step-down"]);

/** One at a time, so that no more than one is in memory. */
export function* benchTraces(): Generator<BenchTrace> {
  if (existsSync(RECORDED)) {
    const names = readdirSync(RECORDED).filter((name) => name.endsWith(".txt"));
    for (const name of names.toSorted()) {
      const kind = name.startsWith("planetlab") ? "stationary" : "cellular";
      yield { trace: readTrace(join(RECORDED, name)), kind, isRecorded: true };
    }
  } else
    console.error(`There are no recorded traces in ${RECORDED}: only generated ones are judged.`);
  for (const { name } of TRACE_GENERATORS) {
    const kind = CHANGING.has(name) ? "changing" : "stationary";
    yield { trace: generateTrace(name, COUNTS[name]), kind, isRecorded: false };
  }
}

function readTrace(path: string): Trace {
  const text = new TraceText();
  text.push(readFileSync(path));
  const result = text.end(basename(path, ".txt"));
  if (result.ok) return result.trace;
  throw new Error(`${path}:${result.error.line}: ${result.error.detail}`);
}

/** `count` heartbeats are sent; as many as is usual for it if not given. */
export function generateTrace(name: string, count?: number, seed: number = SEED): Trace {
  const generator = TRACE_GENERATORS.find((each) => each.name === name);
  if (generator === undefined) throw new Error(`there is no trace "${name}"`);
  const builder = new TraceBuilder();
  for (const { sequence, arrivalMs } of generator.generate(seed, count ?? generator.usualCount)) {
    builder.add(sequence, arrivalMs);
  }
  return builder.build(name);
}
