/** The commands that ask a running cluster for something, with their flags. What they do is in files of their own. */
import { type Command, Option } from "commander";
import type { ApplyArguments } from "./apply.ts";
import type { BackupArguments, RestoreArguments } from "./backup.ts";
import type { ExplainArguments } from "./explain.ts";
import { append } from "./net_flags.ts";
import type { ExitCode } from "./output.ts";
import type { ReplayArguments } from "./replay/replay.ts";
import type { AddSilenceArguments, ListSilencesArguments, SilenceArguments } from "./silence.ts";
import type { TopArguments } from "./top/top.ts";
import type { AddArguments, TargetsArguments } from "./targets.ts";
import { decimal, duration, wholeNumber } from "./values.ts";

export interface ClientCommands {
  targetsList(flags: TargetsArguments): Promise<ExitCode>;
  targetsAdd(name: string, url: string, flags: TargetsArguments & AddArguments): Promise<ExitCode>;
  targetsRemove(name: string, flags: TargetsArguments): Promise<ExitCode>;
  explain(name: string, flags: ExplainArguments): Promise<ExitCode>;
  replay(file: string | undefined, flags: ReplayArguments): Promise<ExitCode>;
  apply(flags: ApplyArguments): Promise<ExitCode>;
  silenceAdd(
    matchers: readonly string[],
    flags: SilenceArguments & AddSilenceArguments,
  ): Promise<ExitCode>;
  silenceList(flags: SilenceArguments & ListSilencesArguments): Promise<ExitCode>;
  silenceRemove(id: string, flags: SilenceArguments): Promise<ExitCode>;
  backup(flags: BackupArguments): Promise<ExitCode>;
  restore(file: string, flags: RestoreArguments): Promise<ExitCode>;
  top(flags: TopArguments): Promise<ExitCode>;
}

type Exit = (code: ExitCode) => void;

export function addClientCommands(program: Command, commands: ClientCommands, exit: Exit): void {
  addTargets(program, commands, exit);
  withApi(program.command("explain <name>"))
    .description("say why the verdict on a target is what it is, and what comes next")
    .option("--json", "show it as JSON, with the numbers")
    .action(async (name: string, flags: ExplainArguments) =>
      exit(await commands.explain(name, flags)),
    );
  addReplay(program, commands, exit);
  addSilences(program, commands, exit);
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
    .option("--yes", "also delete what the file does not name; without it such a file is refused")
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

function addReplay(program: Command, commands: ClientCommands, exit: Exit): void {
  withApi(program.command("replay [trace]"))
    .description("judge detectors on recorded heartbeats, and say which one to use, and how")
    .addHelpText(
      "after",
      `
A trace is a heartbeat a line, in order of arrival: its sequence number and the milliseconds of its arrival,
"17 1700.303". What follows a # is a comment; - reads standard input. docs/detectors.md says how it is judged.`,
    )
    .option("--target <name>", "instead of a trace: what a running monitor remembers of a target")
    .option("--models <names>", "judge these alone, commas between them")
    .option("--warm-up <heartbeats>", "how many are learnt before any is judged", wholeNumber)
    .option("--detect-within <ms>", "the budget: how soon a crash is to be detected", decimal)
    .option("--false-alarms-per-month <number>", "the budget: how often it may be wrong", decimal)
    .option("--json", "show everything as JSON")
    .option("--svg", "show the curves, detection time against mistakes, as a picture")
    .action(async (file: string | undefined, flags: ReplayArguments) =>
      exit(await commands.replay(file, flags)),
    );
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
    .description(
      "watch a server (http, https, or push:); one that is known is replaced: what is not given gets its default",
    )
    .option("--interval <ms>", "how often to ask, in milliseconds", wholeNumber)
    .option("--timeout <ms>", "the deadline of one probe, in milliseconds", wholeNumber)
    .option("--threshold <phi>", "the suspicion from which it is down", decimal)
    .option("--json", "show the answer as JSON")
    .action(async (name: string, url: string, flags: TargetsArguments & AddArguments) =>
      exit(await commands.targetsAdd(name, url, flags)),
    );
  withApi(targets.command("remove <name>"))
    .description("stop watching a server")
    .option("--json", "show the answer as JSON")
    .action(async (name: string, flags: TargetsArguments) =>
      exit(await commands.targetsRemove(name, flags)),
    );
}

function addSilences(program: Command, commands: ClientCommands, exit: Exit): void {
  const silences = program
    .command("silence")
    .description("keep alerts of a running cluster quiet for a while");
  withApi(silences.command("add <matcher...>"))
    .description("what matches all of these: NAME, target=db-*, team=payments, verdict!=down")
    .requiredOption("--for <duration>", "how long: 90s, 30m, 2h30m, 1d", duration)
    .option("--from <time>", "from when, as 2026-01-31T22:00:00Z; now if not given")
    .addOption(
      new Option(
        "--author <name>",
        "who asks for it; needed where the environment has no USER, as in a container",
      ).env("USER"),
    )
    .requiredOption("--comment <text>", "why")
    .option("--json", "show the silence as JSON")
    .action(async (matchers: string[], flags: SilenceArguments & AddSilenceArguments) =>
      exit(await commands.silenceAdd(matchers, flags)),
    );
  withApi(silences.command("list"))
    .description("what is kept quiet, until when, by whom and why")
    .option("--all", "those that have ended, too")
    .option("--json", "show them as JSON")
    .action(async (flags: SilenceArguments & ListSilencesArguments) =>
      exit(await commands.silenceList(flags)),
    );
  withApi(silences.command("remove <id>"))
    .description("end a silence now: what it held back is told")
    .option("--json", "show the answer as JSON")
    .action(async (id: string, flags: SilenceArguments) =>
      exit(await commands.silenceRemove(id, flags)),
    );
}

/** Whom to trust; the health check has it too. */
export function apiCaOption(): Option {
  return new Option(
    "--api-ca <file>",
    "the authority of the API's certificate (PEM), instead of the system's",
  ).env("PHI_API_CA");
}

/** Whom to ask, with what token, and whom to trust. */
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
      new Option("--token-file <file>", "a file with the bearer token for writes").env(
        "PHI_TOKEN_FILE",
      ),
    )
    .addOption(apiCaOption());
}
