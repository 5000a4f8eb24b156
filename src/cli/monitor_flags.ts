/** The flags of `phi monitor`, and which of them go together. What they do is in `monitor.ts`. */
import { type Command, Option } from "commander";
import { isMemberId, MEMBER_ID_RULE } from "../cluster/mod.ts";
import { MIN_HISTORY_BYTES } from "../history/mod.ts";
import { isLoopback } from "../peer/mod.ts";
import type { ReadTextFile } from "../port.ts";
import { whyMoreThanAddress } from "./api_address.ts";
import { formatBind, parseBind, whyNoPeerAddress, type Bind } from "./bind.ts";
import { allowNetOption, connectToOption, type NetArguments } from "./net_flags.ts";
import { bind, bytes, wholeNumber } from "./values.ts";

export interface MonitorArguments extends NetArguments {
  readonly httpBind: Bind;
  readonly metricsBind?: Bind;
  readonly raftBind: Bind;
  /** Where peers reach `raftBind`. */
  readonly raftAdvertise?: Bind;
  /** The HTTP address of any member, as HOST:PORT or a URL. */
  readonly join?: string;
  readonly bootstrap?: boolean;
  /** A directory, or `:memory:`. */
  readonly datadir: string;
  readonly id?: string;
  /** Where the id stands, if it is not given itself. */
  readonly idFile?: string;
  /** With 0 in one of these two nothing is remembered. */
  readonly historyDays: number;
  readonly historyMaxBytes: number;
  readonly config?: string;
  readonly alerts?: string;
  readonly clusterSecretFile?: string;
  readonly peerCert?: string;
  readonly peerKey?: string;
  readonly peerCa?: string;
  readonly apiTokenFile?: string;
  readonly apiCa?: string;
  readonly insecureApi?: boolean;
  readonly tlsCert?: string;
  readonly tlsKey?: string;
  readonly compatMetrics?: boolean;
  readonly json?: boolean;
}

/** A data directory that is not one: nothing outlives the process. */
export const IN_MEMORY = ":memory:";

const bindOption = (flag: string, variable: string, description: string) =>
  new Option(`${flag} <host:port>`, description).env(variable).argParser(bind);
const fileOption = (flag: string, variable: string, description: string) =>
  new Option(`${flag} <file>`, description).env(variable);

/** Where it listens, where its data is, and whom it belongs to. */
const CLUSTER_OPTIONS = () => [
  bindOption("--raft-bind", "RAFT_BIND", "where to listen for the other monitors").default(
    { host: "127.0.0.1", port: 7_000 },
    "127.0.0.1:7000",
  ),
  bindOption(
    "--raft-advertise",
    "RAFT_ADVERTISE",
    "where the other monitors reach this one, if not at --raft-bind",
  ),
  new Option("--bootstrap", "without data: start a new cluster of one").env("BOOTSTRAP"),
  new Option(
    "--join <host:port or URL>",
    "without data: join the cluster of the monitor whose API is there",
  ).env("JOIN"),
  new Option(
    "--datadir <directory>",
    "for config, log and history; :memory: keeps nothing after the process has ended",
  )
    .env("DATA_DIR")
    .default("./phi-data"),
  new Option("--id <name>", "this monitor's name for good; made up and kept if not given").env(
    "IDENTIFIER",
  ),
  fileOption("--id-file", "IDENTIFIER_FILE", "or a file that holds that name"),
];

/** What it remembers. */
const HISTORY_OPTIONS = () => [
  new Option(
    "--history-days <days>",
    "how long history is kept; 0: none, and a restart learns every rhythm anew",
  )
    .env("HISTORY_DAYS")
    .default(7)
    .argParser(wholeNumber),
  new Option("--history-max-bytes <size>", "what history may take of the disk; 0 for none")
    .env("HISTORY_MAX_BYTES")
    .default(256 * 2 ** 20, "256MiB")
    .argParser(bytes),
];

const SECURITY_OPTIONS = () => [
  fileOption(
    "--cluster-secret-file",
    "CLUSTER_SECRET_FILE",
    "the secret that all monitors share (one line, 16 bytes or more)",
  ),
  fileOption(
    "--peer-cert",
    "PEER_CERT",
    "or mutual TLS: this monitor's certificate (PEM), for its id",
  ),
  fileOption("--peer-key", "PEER_KEY", "the private key of --peer-cert (PEM)"),
  fileOption(
    "--peer-ca",
    "PEER_CA",
    "the authority that signed the certificates of all monitors (PEM)",
  ),
  fileOption("--api-token-file", "API_TOKEN_FILE", "the bearer token that writes have to carry"),
  fileOption("--api-ca", "API_CA", "for --join: the authority of the API's certificate (PEM)"),
  new Option("--insecure-api", "let anybody who reaches the API write").env("INSECURE_API"),
  fileOption("--tls-cert", "TLS_CERT", "HTTPS for the API and /metrics: the certificate (PEM)"),
  fileOption("--tls-key", "TLS_KEY", "the private key of --tls-cert (PEM)"),
];

export function addMonitor(
  program: Command,
  run: (flags: MonitorArguments) => Promise<void>,
): void {
  const command = program
    .command("monitor", { isDefault: true })
    .description("run a monitor (the default command)")
    .addOption(
      bindOption("--http-bind", "HTTP_BIND", "the API, the page and /metrics").default(
        { host: "127.0.0.1", port: 8_000 },
        "127.0.0.1:8000",
      ),
    )
    .addOption(
      bindOption(
        "--metrics-bind",
        "METRICS_BIND",
        "/metrics alone, for a scraper that needs no more",
      ),
    )
    .addOption(
      fileOption("--config", "CONFIG", "what a new cluster watches at first (YAML or JSON)"),
    )
    .addOption(
      fileOption("--alerts", "ALERTS", "who is told when a verdict changes (YAML or JSON)"),
    )
    .addOption(allowNetOption())
    .addOption(connectToOption());
  const options = [...CLUSTER_OPTIONS(), ...HISTORY_OPTIONS(), ...SECURITY_OPTIONS()];
  for (const option of options) command.addOption(option);
  command
    .option("--compat-metrics", "also export server_phivalue and server_runtime_seconds")
    .option("--json", "log as JSON lines")
    .action(run);
}

/** Those that compose files set to a word: `True` is one, and so is none. */
const SWITCHES = ["BOOTSTRAP", "INSECURE_API"] as const;
const YES = /^(?:true|yes|on|1)$/iu;
const NO = /^(?:false|no|off|0|\s*)$/iu;

/**
 * Makes the switches of the environment either absent or set, which is all that the command line's parser
 * knows. The result says which has a word that is neither yes nor no.
 */
export function readSwitches(environment: Record<string, string | undefined>): string | undefined {
  for (const name of SWITCHES) {
    const word = environment[name];
    if (word === undefined || YES.test(word.trim())) continue;
    if (!NO.test(word)) return `${name} must be True or False, received "${word}"`;
    // `undefined` would become the text of that name.
    delete environment[name];
  }
  return undefined;
}

/** What does not go together, or what would let in anybody; undefined if all is well. */
export function whyMisused(flags: MonitorArguments): string | undefined {
  return whyNotTogether(flags) ?? whyNoHistory(flags) ?? whyExposed(flags);
}

const MOST_HISTORY_DAYS = 366;

function whyNoHistory({ historyDays, historyMaxBytes }: MonitorArguments): string | undefined {
  if (historyDays > MOST_HISTORY_DAYS) {
    return `--history-days ${historyDays} is more than ${MOST_HISTORY_DAYS}`;
  }
  if (historyMaxBytes > 0 && historyMaxBytes < MIN_HISTORY_BYTES) {
    return `--history-max-bytes ${historyMaxBytes} is too small: at least 1MiB, or 0 for no history`;
  }
  return undefined;
}

function whyNotTogether(flags: MonitorArguments): string | undefined {
  const { id, idFile, join, bootstrap, datadir, raftBind, raftAdvertise } = flags;
  if (id !== undefined && idFile !== undefined) return "--id and --id-file do not go together";
  if (id !== undefined && !isMemberId(id)) return `--id "${id}" ${NO_NAME}`;
  const noApi = join === undefined ? undefined : whyNoApi(join);
  if (noApi !== undefined) return `--join ${noApi}`;
  if (join !== undefined && bootstrap) return "--join and --bootstrap do not go together";
  if (join !== undefined && datadir === IN_MEMORY) {
    return "--join needs a --datadir: a member that forgets what it agreed to endangers the others";
  }
  if (raftBind.port === 0 || raftAdvertise?.port === 0) {
    return "--raft-bind and --raft-advertise need a port: the others have to find it again";
  }
  if (raftAdvertise === undefined && isWildcard(raftBind.host)) {
    return `--raft-bind ${formatBind(raftBind)} is no address to reach it at: add --raft-advertise`;
  }
  const unreachable = whyNoPeerAddress(raftAdvertise ?? raftBind);
  if (unreachable !== undefined) {
    return `${raftAdvertise === undefined ? "--raft-bind" : "--raft-advertise"} ${unreachable}`;
  }
  const peerTls = [flags.peerCert, flags.peerKey, flags.peerCa].filter(
    (file) => file !== undefined,
  );
  if (peerTls.length % 3 !== 0) return "--peer-cert, --peer-key and --peer-ca go together";
  if (peerTls.length > 0 && flags.clusterSecretFile !== undefined) {
    return "take either --cluster-secret-file or --peer-cert, --peer-key and --peer-ca";
  }
  const isHalf = (flags.tlsCert === undefined) !== (flags.tlsKey === undefined);
  return isHalf ? "--tls-cert and --tls-key go together" : undefined;
}

const NO_NAME = `is no name for a monitor: ${MEMBER_ID_RULE}`;

export type NamedResult =
  | { readonly ok: true; readonly flags: MonitorArguments }
  | { readonly ok: false; readonly detail: string };

/**
 * The flags with the name that stands in `idFile`, if that is given. A file, because where every monitor is
 * started with the same flags and variables, files are what can still be each one's own.
 */
export async function readIdFile(
  flags: MonitorArguments,
  readTextFile: ReadTextFile,
): Promise<NamedResult> {
  const { idFile } = flags;
  if (idFile === undefined) return { ok: true, flags };
  try {
    const id = (await readTextFile(idFile)).trim();
    if (isMemberId(id)) return { ok: true, flags: { ...flags, id } };
    return { ok: false, detail: `--id-file ${idFile}: "${id.slice(0, 80)}" ${NO_NAME}` };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, detail: `--id-file ${idFile}: ${why}` };
  }
}

function whyExposed(flags: MonitorArguments): string | undefined {
  const { raftBind, httpBind, clusterSecretFile, peerCert, apiTokenFile, insecureApi } = flags;
  if (!isLoopback(raftBind.host) && clusterSecretFile === undefined && peerCert === undefined) {
    return (
      `--raft-bind ${formatBind(raftBind)} can be reached from other machines: add ` +
      "--cluster-secret-file, or --peer-cert, --peer-key and --peer-ca"
    );
  }
  if (!isLoopback(httpBind.host) && apiTokenFile === undefined && !insecureApi) {
    return (
      `--http-bind ${formatBind(httpBind)} can be reached from other machines, and whoever reaches ` +
      "it can change the config: add --api-token-file, or --insecure-api if that is meant"
    );
  }
  return undefined;
}

function whyNoApi(join: string): string | undefined {
  const isUrl = /^https?:\/\//u.test(join);
  const isPlace = isUrl || (parseBind(join)?.port ?? 0) !== 0;
  const url = isPlace ? URL.parse(isUrl ? join : `http://${join}`) : null;
  if (url !== null) return whyMoreThanAddress(url);
  return `"${join}" is no address of a monitor: write HOST:PORT, or a URL with http or https`;
}

function isWildcard(host: string): boolean {
  return host === "0.0.0.0" || host === "::";
}
