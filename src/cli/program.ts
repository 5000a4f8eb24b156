/**
 * The command line, in one definition: flags, environment, help. It reads argv and calls one of the
 * commands it is given; what a command does is its own file's affair.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { addClientCommands, apiCaOption, type ClientCommands } from "./client_flags.ts";
import type { HealthArguments } from "./health.ts";
import { addMonitor, type MonitorArguments, readSwitches } from "./monitor_flags.ts";
import { allowNetOption, append, connectToOption, type NetArguments } from "./net_flags.ts";
import { EXIT_DONE, EXIT_MISUSED, type ExitCode, type Output } from "./output.ts";
import type { RecoverArguments } from "./recover.ts";
import { bind, wholeNumber } from "./values.ts";

export interface SimArguments {
  readonly port: string;
  readonly bind: string;
}

export interface ProbeArguments extends NetArguments {
  readonly timeout: number;
  readonly method: string;
  readonly header: Readonly<Record<string, string>>;
  readonly status: readonly string[];
  readonly ca?: string;
  readonly serverName?: string;
  readonly insecure?: boolean;
  readonly json?: boolean;
}

export interface CheckArguments extends NetArguments {
  readonly json?: boolean;
  readonly alerts?: string;
}

/** What the binary can do. */
export interface Commands extends ClientCommands {
  monitor(flags: MonitorArguments): Promise<ExitCode>;
  sim(flags: SimArguments): Promise<ExitCode>;
  check(file: string | undefined, flags: CheckArguments): Promise<ExitCode>;
  probe(url: string, flags: ProbeArguments): Promise<ExitCode>;
  health(url: string | undefined, flags: HealthArguments): Promise<ExitCode>;
  recover(flags: RecoverArguments): Promise<ExitCode>;
}

type Exit = (code: ExitCode) => void;

/** Runs the command that `argv` names; the result is the process's exit code. */
export async function runProgram(
  argv: readonly string[],
  version: string,
  output: Output,
  commands: Commands,
): Promise<ExitCode> {
  let exitCode: ExitCode = EXIT_DONE;
  const program = buildProgram(version, output, commands, (code) => (exitCode = code));
  forgetEmptyVariables(program);
  const unclear = readSwitches(process.env);
  if (unclear !== undefined) {
    output.say(`phi: ${unclear}`);
    return EXIT_MISUSED;
  }
  const first = argv[0];
  const known = ["help", ...program.commands.map((command) => command.name())];
  if (first !== undefined && !first.startsWith("-") && !known.includes(first)) {
    // Left to itself, the default command would take it for an argument too many.
    output.say(`phi: unknown command "${first}"; there are ${known.join(", ")}`);
    return EXIT_MISUSED;
  }
  try {
    await program.parseAsync(argv, { from: "user" });
    return exitCode;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? EXIT_DONE : EXIT_MISUSED;
  }
}

/** Compose files hand on variables that nobody set as empty ones. An empty ALLOW_NET stays, and is refused. */
function forgetEmptyVariables(program: Command): void {
  for (const name of variablesOf(program)) {
    if (name !== "ALLOW_NET" && process.env[name]?.trim() === "") delete process.env[name];
  }
}

/** Those that stand for the options of the command and of all below it. */
function variablesOf({ options, commands }: Command): string[] {
  return [...options.flatMap(({ envVar }) => envVar ?? []), ...commands.flatMap(variablesOf)];
}

function buildProgram(version: string, output: Output, commands: Commands, exit: Exit): Command {
  const program = new Command("phi")
    .description("A failure detector: watches servers, and says how much each is suspected.")
    .version(version, "-V, --version", "show the version")
    .helpCommand("help [command]", "show help for a command")
    .configureOutput({
      writeOut: (text) => output.data(text.trimEnd()),
      writeErr: (text) => output.say(text.trimEnd()),
      outputError: (text, write) => write(text.replace(/^error: /u, "phi: ")),
    })
    .exitOverride();
  addMonitor(program, async (flags) => exit(await commands.monitor(flags)));
  addSim(program, commands, exit);
  addCheck(program, commands, exit);
  addProbe(program, commands, exit);
  addClientCommands(program, commands, exit);
  addHealth(program, commands, exit);
  addRecover(program, commands, exit);
  return program;
}

function addSim(program: Command, commands: Commands, exit: Exit): void {
  program
    .command("sim")
    .description("run simulated servers: GET /heartbeat, and POST /control to make them fail")
    .requiredOption("--port <ports>", "ports and ranges: 8081, 8081..8090, 8081,8085")
    .option("--bind <address>", "the address to listen on", "127.0.0.1")
    .action(async (flags: SimArguments) => exit(await commands.sim(flags)));
}

function addCheck(program: Command, commands: Commands, exit: Exit): void {
  program
    .command("check [file]")
    .description("validate a config file, or an alerts file, or both")
    .option("--alerts <file>", "who is told when a verdict changes")
    .option("--json", "show the result as JSON")
    .addOption(allowNetOption())
    .addOption(connectToOption())
    .action(async (file: string | undefined, flags: CheckArguments) =>
      exit(await commands.check(file, flags)),
    );
}

function addProbe(program: Command, commands: Commands, exit: Exit): void {
  program
    .command("probe <url>")
    .description("ask a server once, every phase timed; exit 0 if it was a heartbeat")
    .option("--timeout <ms>", "the deadline over all phases, in milliseconds", wholeNumber, 5_000)
    .option("--method <method>", "the request's method", "GET")
    .option("--header <name: value>", "a header to send (repeatable)", header, {})
    .option("--status <range>", "a status or range that counts as alive (repeatable)", append, [])
    .option("--ca <file>", "trust these certificate authorities (PEM) instead of the system's")
    .option("--server-name <name>", "the name to ask for, and to require of the certificate")
    .option("--insecure", "do not verify the certificate")
    .addOption(allowNetOption())
    .addOption(connectToOption())
    .option("--json", "show the outcome as JSON")
    .action(async (url: string, flags: ProbeArguments) => exit(await commands.probe(url, flags)));
}

function addHealth(program: Command, commands: Commands, exit: Exit): void {
  program
    .command("health [url]")
    .description("ask once whether a monitor, or a simulated server at URL, is alive; exit 0 if so")
    .addOption(
      new Option("--http-bind <host:port>", "where the monitor listens, if no URL is given")
        .env("HTTP_BIND")
        .default({ host: "127.0.0.1", port: 8_000 }, "127.0.0.1:8000")
        .argParser(bind),
    )
    .addOption(
      new Option(
        "--tls-cert <file>",
        "its certificate, if no URL is given: it is asked over HTTPS then",
      ).env("TLS_CERT"),
    )
    .option("--timeout <ms>", "how long it may take, in milliseconds", wholeNumber, 2_000)
    .addOption(apiCaOption())
    .action(async (url: string | undefined, flags: HealthArguments) =>
      exit(await commands.health(url, flags)),
    );
}

function addRecover(program: Command, commands: Commands, exit: Exit): void {
  program
    .command("recover")
    .description(
      "make a new cluster of one out of one member's data, a majority being gone for good",
    )
    .option("--force-new-cluster", "yes: what only the lost members have is given up")
    .requiredOption(
      "--datadir <directory>",
      "what is left of the old cluster; its config stays as it is, and it has to be writable",
    )
    .requiredOption("--into <directory>", "the new cluster's data; empty or not there")
    .option("--id <name>", "the new member's name; the old one if not given")
    .addOption(
      new Option(
        "--raft-advertise <host:port>",
        "where its peers will reach it, if elsewhere",
      ).argParser(bind),
    )
    .action(async (flags: RecoverArguments) => exit(await commands.recover(flags)));
}

function header(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const colon = text.indexOf(":");
  if (colon <= 0) throw new InvalidArgumentError('Write "name: value".');
  return { ...before, [text.slice(0, colon)]: text.slice(colon + 1).trim() };
}
