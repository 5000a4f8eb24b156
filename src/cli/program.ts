/**
 * The command line, in one definition: flags, environment, help. It reads argv and calls one of the
 * commands it is given; what a command does is its own file's affair.
 */
import { Command, CommanderError, InvalidArgumentError, Option } from "commander";
import { addMonitor, type MonitorArguments, readSwitches } from "./monitor_flags.ts";
import { allowNetOption, append, connectToOption, type NetArguments } from "./net_flags.ts";
import { EXIT_DONE, EXIT_MISUSED, type ExitCode, type Output } from "./output.ts";

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
}

export interface ApiArguments {
  readonly api: string;
  readonly json?: boolean;
}

/** What the binary can do. */
export interface Commands {
  monitor(flags: MonitorArguments): Promise<ExitCode>;
  sim(flags: SimArguments): Promise<ExitCode>;
  check(file: string, flags: CheckArguments): Promise<ExitCode>;
  probe(url: string, flags: ProbeArguments): Promise<ExitCode>;
  targetsList(flags: ApiArguments): Promise<ExitCode>;
  targetsAdd(name: string, url: string, flags: ApiArguments & AddArguments): Promise<ExitCode>;
  targetsRemove(name: string, flags: ApiArguments): Promise<ExitCode>;
}

export interface AddArguments {
  readonly interval?: number;
  readonly timeout?: number;
  readonly threshold?: number;
}

type Exit = (code: ExitCode) => void;

/** Runs the command that `argv` names; the result is the process's exit code. */
export async function runProgram(
  argv: readonly string[],
  version: string,
  output: Output,
  commands: Commands,
): Promise<ExitCode> {
  forgetEmptyVariables();
  const unclear = readSwitches(process.env);
  if (unclear !== undefined) {
    output.say(`phi: ${unclear}`);
    return EXIT_MISUSED;
  }
  let exitCode: ExitCode = EXIT_DONE;
  const program = buildProgram(version, output, commands, (code) => (exitCode = code));
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

const VARIABLES = (
  "HTTP_BIND METRICS_BIND RAFT_BIND RAFT_ADVERTISE JOIN DATA_DIR IDENTIFIER CONFIG PHI_API " +
  "CLUSTER_SECRET_FILE PEER_CERT PEER_KEY PEER_CA API_TOKEN_FILE TLS_CERT TLS_KEY"
).split(" ");

/** Compose files hand on variables that nobody set as empty ones. An empty ALLOW_NET stays, and is refused. */
function forgetEmptyVariables(): void {
  for (const name of VARIABLES) {
    if (process.env[name]?.trim() === "") delete process.env[name];
  }
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
  addTargets(program, commands, exit);
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
    .command("check <file>")
    .description("validate a config file")
    .option("--json", "show the result as JSON")
    .addOption(allowNetOption())
    .addOption(connectToOption())
    .action(async (file: string, flags: CheckArguments) => exit(await commands.check(file, flags)));
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

function addTargets(program: Command, commands: Commands, exit: Exit): void {
  const targets = program
    .command("targets")
    .description("list, add and remove what a running monitor watches");
  targets
    .command("list")
    .description("every target with its verdict and suspicion")
    .addOption(apiOption())
    .option("--json", "show them as JSON")
    .action(async (flags: ApiArguments) => exit(await commands.targetsList(flags)));
  targets
    .command("add <name> <url>")
    .description("watch a server, or change how (http, https, or push:)")
    .option("--interval <ms>", "how often to ask, in milliseconds", wholeNumber)
    .option("--timeout <ms>", "the deadline of one probe, in milliseconds", wholeNumber)
    .option("--threshold <phi>", "the suspicion from which it is down", decimal)
    .addOption(apiOption())
    .action(async (name: string, url: string, flags: ApiArguments & AddArguments) =>
      exit(await commands.targetsAdd(name, url, flags)),
    );
  targets
    .command("remove <name>")
    .description("stop watching a server")
    .addOption(apiOption())
    .action(async (name: string, flags: ApiArguments) =>
      exit(await commands.targetsRemove(name, flags)),
    );
}

function apiOption(): Option {
  return new Option("--api <url>", "the monitor to talk to")
    .env("PHI_API")
    .default("http://127.0.0.1:8000");
}

function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
}

function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("Write a number.");
  return value;
}

function header(text: string, before: Readonly<Record<string, string>>): Record<string, string> {
  const colon = text.indexOf(":");
  if (colon <= 0) throw new InvalidArgumentError('Write "name: value".');
  return { ...before, [text.slice(0, colon)]: text.slice(colon + 1).trim() };
}
