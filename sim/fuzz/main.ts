/**
 * `make fuzz`: attacks the API, the peer port and the prober with fresh seeds, or makes the round of one seed
 * again. Progress and findings go to stderr, the table to stdout; exit 1 if something is wrong, 2 if misused.
 */
import { parseArgs } from "node:util";
import { freshBase, wholeNumber } from "../arguments.ts";
import { apiTarget } from "./api/api_target.ts";
import { type CampaignResult, runCampaign } from "./campaign.ts";
import type { FuzzTarget } from "./fuzz_target.ts";
import { peerTarget } from "./peer/peer_target.ts";
import { proberTarget } from "./prober/prober_target.ts";
import { tableOf } from "./table.ts";

const TARGETS: readonly FuzzTarget[] = [apiTarget, peerTarget, proberTarget];

const USAGE = `usage: bun sim/fuzz/main.ts [options]
  --only NAME    one of ${TARGETS.map(({ name }) => name).join(", ")}; all of them if not given
  --seed S       the one round of this seed (with --only)
  --count N      cases, of each target
  --seconds T    end after so long, of each target, with fewer cases; if not given they
                 have to be made within 1200 s
  --base B       the first seed; fresh if not given`;

async function main(args: readonly string[]): Promise<number> {
  let options: Options;
  try {
    options = readOptions(args);
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return 2;
  }
  const results: CampaignResult[] = [];
  for (const target of options.targets) results.push(await run(target, options));
  console.log(tableOf(results));
  return results.every(({ findings }) => findings.length === 0) ? 0 : 1;
}

async function run(target: FuzzTarget, { seed, base, count, seconds }: Options) {
  const planned = seed === undefined ? (count ?? target.fullCount) : target.casesPerRound;
  console.error(`${target.name}: base seed ${seed ?? base}, ${planned} ${target.unit}`);
  let nextMs = performance.now() + PROGRESS_MS;
  const result = await runCampaign(target, {
    base: seed ?? base,
    count: planned,
    seconds: seconds ?? DEFAULT_SECONDS,
    mayBeFewer: seconds !== undefined,
    onProgress: (cases) => {
      if (performance.now() < nextMs) return;
      nextMs = performance.now() + PROGRESS_MS;
      console.error(`${target.name}: ${cases} of ${planned}`);
    },
  });
  for (const finding of result.findings) console.error(`${target.name}: ${finding}`);
  if (result.failedSeed !== undefined) {
    const again = `make fuzz ONLY=${target.name}`;
    console.error(`  its round alone: ${again} SEED=${result.failedSeed}`);
    if (seed === undefined) {
      // A peer's round begins with what those before have left.
      console.error(`  all up to it:    ${again} BASE=${base} COUNT=${result.cases}`);
    }
  }
  return result;
}

const PROGRESS_MS = 10_000;
const DEFAULT_SECONDS = 1_200;

type Options = ReturnType<typeof readOptions>;

/** Throws an error whose message says what is wrong with them. */
function readOptions(args: readonly string[]) {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: "string" },
      seed: { type: "string" },
      count: { type: "string" },
      seconds: { type: "string" },
      base: { type: "string" },
    },
  });
  const targets = TARGETS.filter(({ name }) => values.only === undefined || name === values.only);
  if (targets.length === 0) throw new Error(`--only cannot be "${values.only}"`);
  const seed = wholeNumber("seed", values.seed, 0);
  if (seed !== undefined && targets.length > 1) throw new Error("--seed needs --only");
  return {
    targets,
    seed,
    count: wholeNumber("count", values.count, 1),
    seconds: wholeNumber("seconds", values.seconds, 1),
    base: wholeNumber("base", values.base, 0) ?? freshBase(),
  };
}

// So that the monitors that were started are ended with it: by itself no signal is told to them, and to one of
// them SIGHUP would only say that its files are to be read again.
for (const [signal, code] of [
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const) {
  process.on(signal, () => process.exit(code));
}
process.exitCode = await main(process.argv.slice(2));
