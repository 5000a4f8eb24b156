/**
 * `make soak`: three monitors watch thousands of targets for an hour, with a write of the config each second, while things go wrong
 * again and again. `--minutes` (60) and `--targets` (5000) bound it; `--out` (.run/soak.svg) is a picture of what was seen, with the
 * data beside it, as .json. Then a table is printed, and what is wrong. Exit 1 if something is, or if it was ended early; 2 if misused.
 */
import { mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { wholeNumber } from "../arguments.ts";
import { findingsOf } from "./findings.ts";
import { INTERVAL_MS, MONITOR_IDS } from "./house.ts";
import { soakPicture } from "./picture.ts";
import type { SoakRecord } from "./record.ts";
import { runSoak } from "./run.ts";
import { tableOf } from "./table.ts";

async function main(args: readonly string[]): Promise<number> {
  let plan: ReturnType<typeof readArguments>;
  try {
    plan = readArguments(args);
  } catch (error) {
    console.error(`soak: ${messageOf(error)}`);
    return 2;
  }
  const ending = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => ending.abort(new Error(`ended by ${signal}`)));
  }
  const { minutes, targetCount, out } = plan;
  const record: SoakRecord = {
    minutes,
    targetCount,
    intervalMs: INTERVAL_MS,
    monitors: MONITOR_IDS.map((id) => ({ id, processLooks: [], metricsLooks: [] })),
    troubles: [],
    writes: [],
    died: [],
    notCalm: [],
  };
  let failure: string | undefined;
  try {
    await runSoak(record, ending.signal);
  } catch (error) {
    failure = `did not get to its end, and is not judged: ${messageOf(error)}`;
  }
  await keep(record, out);
  console.log(tableOf(record));
  const findings = failure === undefined ? findingsOf(record) : [failure];
  for (const finding of findings) console.error(`soak: ${finding}`);
  return findings.length === 0 ? 0 : 1;
}

/** Throws an error whose message says what is wrong with them. */
function readArguments(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: "string" },
      targets: { type: "string" },
      out: { type: "string", default: ".run/soak.svg" },
    },
  });
  return {
    minutes: wholeNumber("minutes", values.minutes, 1) ?? 60,
    targetCount: wholeNumber("targets", values.targets, 1) ?? 5_000,
    out: values.out,
  };
}

async function keep(record: SoakRecord, out: string): Promise<void> {
  const data = `${out.replace(/\.svg$/u, "")}.json`;
  mkdirSync(dirname(out), { recursive: true });
  await Bun.write(data, JSON.stringify(record));
  await Bun.write(out, soakPicture(record));
  console.error(`soak: ${out}, ${data}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

// What is still open (a question to a monitor that is gone) must not hold the end up.
process.exit(await main(process.argv.slice(2)));
