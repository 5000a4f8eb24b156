/**
 * What a model costs: nanoseconds for φ of a silence, for a heartbeat, and for the silence at which a φ is
 * reached; and the bytes that a target's model holds once its history is full.
 */
import { heapStats } from "bun:jsc";
import { do_not_optimize, measure } from "mitata";
import { REPLAY_MODELS, type ReplayModel } from "../../../src/qos/mod.ts";
import { markdownTable } from "./markdown.ts";

const INTERVAL_MS = 1_000;
const INPUTS = 4_096;
/** Every history is full by then. */
const GAPS = 8_192;
const MODELS_MEASURED = 300;
const PHI = 8;

/** A kilobyte is 1,000 bytes; the aims of the issue are for `calibrated`. */
export async function costReport(): Promise<string> {
  const head = ["model", "φ, ns", "heartbeat, ns", "silence at a φ, ns", "bytes a target"];
  const rows: string[][] = [head];
  // One after the other: they must not disturb each other.
  for (const model of REPLAY_MODELS) rows.push(await costOf(model));
  return markdownTable(rows);
}

async function costOf(model: ReplayModel): Promise<string[]> {
  const gapsMs = Float64Array.from({ length: INPUTS }, () => gap());
  let turn = 0;
  const next = () => gapsMs[(turn = (turn + 1) % INPUTS)]!;
  const full = fill(model);
  const bytes = String(Math.round(bytesOf(model)));
  if (full.kind === "timeout") {
    let [sequence, nowMs] = [GAPS, GAPS * INTERVAL_MS];
    const timer = full.model;
    const heard = await time(() => {
      timer.heard(++sequence, (nowMs += next()));
      return timer;
    });
    return [model.name, "", heard, await time(() => timer.silenceAt(1)), bytes];
  }
  const phiModel = full.model;
  const phi = await time(() => phiModel.log10Survival(2 * next()));
  const added = await time(() => {
    phiModel.add(next());
    return phiModel;
  });
  // Two levels in turn, as down and suspect are.
  const inverse = await time(() => phiModel.silenceAtPhi((turn = turn ^ 1) === 0 ? PHI : PHI / 2));
  return [model.name, phi, added, inverse, bytes];
}

function gap(): number {
  return INTERVAL_MS - 20 + 40 * Math.random();
}

/** The median, in ns. */
async function time(run: () => unknown): Promise<string> {
  const { p50 } = await measure(() => do_not_optimize(run()));
  return p50.toFixed(0);
}

type Full =
  | {
      readonly kind: "phi";
      readonly model: ReturnType<Extract<ReplayModel, { kind: "phi" }>["create"]>;
    }
  | {
      readonly kind: "timeout";
      readonly model: ReturnType<Extract<ReplayModel, { kind: "timeout" }>["create"]>;
    };

function fill(model: ReplayModel): Full {
  if (model.kind === "phi") {
    const made = model.create({ intervalMs: INTERVAL_MS });
    for (let count = 0; count < GAPS; count++) made.add(gap());
    return { kind: "phi", model: made };
  }
  const made = model.create({ intervalMs: INTERVAL_MS });
  let nowMs = 0;
  for (let sequence = 0; sequence < GAPS; sequence++) made.heard(sequence, (nowMs += gap()));
  return { kind: "timeout", model: made };
}

/** Typed arrays are outside of the heap, but counted in it. */
function bytesOf(model: ReplayModel): number {
  const held: Full[] = [];
  // What the code itself takes is there before.
  held.push(fill(model));
  const before = heapBytes();
  for (let count = 0; count < MODELS_MEASURED; count++) held.push(fill(model));
  const bytes = (heapBytes() - before) / MODELS_MEASURED;
  do_not_optimize(held.length);
  return bytes;
}

function heapBytes(): number {
  Bun.gc(true);
  Bun.gc(true);
  const { heapSize, extraMemorySize } = heapStats();
  return heapSize + extraMemorySize;
}
