/** The commands that ask a running cluster for something, with their flags. What they do is in files of their own. */
import { type Command, Option } from "commander";
import type { ApplyArguments } from "./apply.ts";
import type { BackupArguments, RestoreArguments } from "./backup.ts";
import { append } from "./net_flags.ts";
import type { ExitCode } from "./output.ts";
import type { TopArguments } from "./top/top.ts";
import type { AddArguments, TargetsArguments } from "./targets.ts";
import { decimal, wholeNumber } from "./values.ts";

export interface ClientCommands {
  targetsList(flags: TargetsArguments): Promise<ExitCode>;
  targetsAdd(name: string, url: string, flags: TargetsArguments & AddArguments): Promise<ExitCode>;
  targetsRemove(name: string, flags: TargetsArguments): Promise<ExitCode>;
  apply(flags: ApplyArguments): Promise<ExitCode>;
  backup(flags: BackupArguments): Promise<ExitCode>;
  restore(file: string, flags: RestoreArguments): Promise<ExitCode>;
  top(flags: TopArguments): Promise<ExitCode>;
}

type Exit = (code: ExitCode) => void;

export function addClientCommands(program: Command, commands: ClientCommands, exit: Exit): void {
  addTargets(program, commands, exit);
  withApi(program.command("apply"))
    .description("make a cluster watch what a file says; adds and changes, deletes with --prune")
    .requiredOption("-f, --file <file>", "what to watch (YAML or JSON)")
    .option("--dry-run", "show the difference and change nothing")
    .option("--prune", "delete what the file does not name")
    .option("--allow-empty", "take a file that names nothing")
    .option("--json", "show the difference as JSON")
    .action(async (flags: ApplyArguments) => exit(await commands.apply(flags)));
  withApi(program.command("backup"))
    .description("write a cluster's config as YAML")
    .option("-o, --output <file>", "where to; stdout without it")
    .option("--force", "replace a file that is there")
    .option("--stale", "take what one monitor has, where there is no quorum to ask")
    .action(async (flags: BackupArguments) => exit(await commands.backup(flags)));
  withApi(program.command("restore <file>"))
    .description("make a cluster watch exactly what a backup says")
    .option("--yes", "delete what the file does not name")
    .option("--json", "show the difference as JSON")
    .action(async (file: string, flags: RestoreArguments) =>
      exit(await commands.restore(file, flags)),
    );
  addTop(program, commands, exit);
}

function addTop(program: Command, commands: ClientCommands, exit: Exit): void {
  withApi(program.command("top"))
    .description(
      "what a monitor sees, live, the worst first; printed once where there is no terminal",
    )
    .option("--json", "print it once, as JSON")
    .action(async (flags: TopArguments) => exit(await commands.top(flags)));
}

function addTargets(program: Command, commands: ClientCommands, exit: Exit): void {
  const targets = program
    .command("targets")
    .description("list, add and remove what a running cluster watches");
  withApi(targets.command("list"))
    .description("every target with its verdict and suspicion")
    .option("--json", "show them as JSON")
    .action(async (flags: TargetsArguments) => exit(await commands.targetsList(flags)));
  withApi(targets.command("add <name> <url>"))
    .description("watch a server, or change how (http, https, or push:)")
    .option("--interval <ms>", "how often to ask, in milliseconds", wholeNumber)
    .option("--timeout <ms>", "the deadline of one probe, in milliseconds", wholeNumber)
    .option("--threshold <phi>", "the suspicion from which it is down", decimal)
    .action(async (name: string, url: string, flags: TargetsArguments & AddArguments) =>
      exit(await commands.targetsAdd(name, url, flags)),
    );
  withApi(targets.command("remove <name>"))
    .description("stop watching a server")
    .action(async (name: string, flags: TargetsArguments) =>
      exit(await commands.targetsRemove(name, flags)),
    );
}

/** Whom to ask, and with what token. */
function withApi(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--api <url>",
        "a monitor to talk to; of several, the first that answers (repeatable)",
      )
        .env("PHI_API")
        .default("http://127.0.0.1:8000")
        .argParser((text: string, before: readonly string[] | string | undefined) =>
          append(text, typeof before === "string" ? undefined : before),
        ),
    )
    .addOption(
      new Option("--token-file <file>", "the bearer token that the API wants of writes").env(
        "PHI_TOKEN_FILE",
      ),
    );
}
