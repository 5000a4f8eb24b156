/**
 * `bun sim/trace/main.ts NAME`: writes a generated trace to stdout, as `phi replay` reads it. Exit 2 if
 * misused. It writes only as fast as somebody reads.
 */
import { parseArgs } from "node:util";
import { TRACE_GENERATORS, type TraceGenerator } from "./generators.ts";

const USAGE = `usage: bun sim/trace/main.ts NAME [--seed S] [--count N]
  --seed S   which of its traces (1)
  --count N  how many heartbeats are sent (100000)
  NAME is one of:
${TRACE_GENERATORS.map(({ name, summary }) => `    ${name.padEnd(10)} ${summary}`).join("\n")}`;

interface Request {
  readonly generator: TraceGenerator;
  readonly seed: number;
  readonly count: number;
}

/** Or what is wrong with it. */
function readRequest(args: string[]): Request | string {
  const options = { seed: { type: "string" }, count: { type: "string" } } as const;
  try {
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true });
    const [name, ...rest] = positionals;
    const generator = TRACE_GENERATORS.find((each) => each.name === name);
    if (generator === undefined || rest.length > 0) return "name one trace";
    const seed = wholeNumber("seed", values.seed ?? "1", 0, Number.MAX_SAFE_INTEGER);
    const { usualCount, mostCount } = generator;
    const count = wholeNumber("count", values.count ?? String(usualCount), 1, mostCount);
    return { generator, seed, count };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/u.test(text) && number >= least && number <= most) return number;
  throw new RangeError(`--${name} must be a whole number from ${least} to ${most}`);
}

async function write({ generator, seed, count }: Request): Promise<void> {
  const { name, summary, generate } = generator;
  let lines = `# ${name}, seed ${seed}, ${count} sent: ${summary}\n# seq arrival_ms\n`;
  for (const { sequence, arrivalMs } of generate(seed, count)) {
    lines += `${sequence} ${arrivalMs.toFixed(3)}\n`;
    if (lines.length < PIECE) continue;
    await written(lines);
    lines = "";
  }
  await written(lines);
}

const PIECE = 64 * 1_024;

function written(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, () => resolve());
  });
}

// Whoever read this has gone, as with `| head`.
process.stdout.on("error", () => process.exit(0));
const request = readRequest(process.argv.slice(2));
if (typeof request === "string") {
  process.stderr.write(`${request}\n${USAGE}\n`);
  process.exitCode = 2;
} else {
  await write(request);
}
