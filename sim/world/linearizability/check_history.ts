/**
 * `bun run check-history FILE...`: for each recorded history its name and whether it is linearizable,
 * a line each, separated by a tab. What is wrong with a file goes to stderr, and the others are judged
 * all the same.
 */
import { parseArgs } from "node:util";
import { checkLinearizability, type LinearizabilityOptions } from "./check.ts";
import { type HistoryFile, parseHistory } from "./history_file.ts";
import { keyValueModel } from "./key_value.ts";
import { registerModel } from "./register.ts";
import type { LinearizabilityVerdict } from "./_search.ts";

const USAGE = `usage: bun run check-history [--max-steps N] FILE...

Says of each recorded history whether it is linearizable: its name, a tab, and
linearizable, not-linearizable or unknown, a line for each file. A file is a
Jepsen log of a register (read, write, cas), or a key-value store's history as
maps (get, put, append).

  --max-steps N  look at N operations at most for each file, and say unknown if
                 that was not enough (default: 10000000)
  --help         show this

exit: 0 all were judged, whatever the verdict; 1 some could not be; 2 misuse
`;

async function main(args: readonly string[]): Promise<number> {
  const read = readArguments(args);
  if (typeof read === "string") return fail(`${read}\n\n${USAGE}`, 2);
  if (read.help) {
    process.stdout.write(USAGE);
    return 0;
  }
  if (read.files.length === 0) return fail(USAGE, 2);
  let exitCode = 0;
  for (const file of read.files) {
    const verdict = await judgeFile(file, read.options);
    if (verdict === undefined) exitCode = 1;
    else process.stdout.write(`${file}\t${verdict}\n`);
  }
  return exitCode;
}

/** Undefined if it could not be read; then stderr says why. */
async function judgeFile(
  file: string,
  options: LinearizabilityOptions,
): Promise<LinearizabilityVerdict | undefined> {
  let history: HistoryFile;
  try {
    history = parseHistory(await Bun.file(file).text());
  } catch (error) {
    fail(`${file}: cannot be read: ${error instanceof Error ? error.message : String(error)}\n`, 1);
    return undefined;
  }
  if (!history.ok) {
    fail(`${file}:${history.line}: ${history.problem}\n`, 1);
    return undefined;
  }
  return history.kind === "register"
    ? checkLinearizability(registerModel, history.operations, options)
    : checkLinearizability(keyValueModel, history.operations, options);
}

interface Arguments {
  readonly help: boolean;
  readonly files: readonly string[];
  readonly options: LinearizabilityOptions;
}

/** A text says what is wrong with them. */
function readArguments(args: readonly string[]): Arguments | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      options: { help: { type: "boolean", short: "h" }, "max-steps": { type: "string" } },
      allowPositionals: true,
    });
    const maxSteps = values["max-steps"];
    if (maxSteps !== undefined && !/^\d{1,15}$/u.test(maxSteps)) {
      return `--max-steps must be a whole number, received ${maxSteps}`;
    }
    const options = maxSteps === undefined ? {} : { maxSteps: Number(maxSteps) };
    return { help: values.help ?? false, files: positionals, options };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function fail<Code extends number>(why: string, exitCode: Code): Code {
  process.stderr.write(why);
  return exitCode;
}

process.exitCode = await main(process.argv.slice(2));
