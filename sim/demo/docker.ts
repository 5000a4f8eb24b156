/** Whether this machine's Docker can run the demo, and the demo's containers, which `docker-compose.yml` describes. */
import { STOP } from "./stop_requested.ts";

/** So that containers of other projects are left alone, wherever this one was cloned to. */
const PROJECT = "phi-demo";
const IMAGE = "phi:demo";
const ANSWER_WITHIN_MS = 10_000;

export type DockerResult =
  | { readonly ok: true; readonly docker: Docker }
  /** `why` is the end of a sentence. */
  | { readonly ok: false; readonly why: string };

/** A Docker that answers, and the compose that goes with it: version 2, or 1.29. */
export async function findDocker(): Promise<DockerResult> {
  const info = await run(["docker", "info", "--format", "{{.ServerVersion}}"]);
  if (info === undefined) return { ok: false, why: "there is no docker command" };
  if (info.code !== 0) return { ok: false, why: "no Docker daemon answers" };
  for (const compose of [["docker", "compose"], ["docker-compose"]]) {
    const version = await run([...compose, "version", "--short"]);
    if (version?.code !== 0) continue;
    const name = `Docker ${info.stdout}, ${compose.join(" ")} ${version.stdout}`;
    return { ok: true, docker: new Docker(name, compose) };
  }
  return { ok: false, why: "there is Docker, but neither `docker compose` nor docker-compose" };
}

export class Docker {
  /** For people. */
  readonly name: string;
  readonly #compose: readonly string[];

  constructor(name: string, compose: readonly string[]) {
    this.name = name;
    this.#compose = [...compose, "-p", PROJECT];
  }

  /** Why the image cannot be built, or STOP; undefined once it is. */
  build(stopAsked: Promise<typeof STOP>): Promise<string | undefined> {
    return attempt("the image cannot be built", ["docker/build.sh", IMAGE], stopAsked);
  }

  /** Whether a demo is up, or was not taken down: one that has ended counts. */
  async hasContainers(): Promise<boolean> {
    const listed = await run([...this.#compose, "ps", "-a", "-q"]);
    return listed?.code === 0 && listed.stdout !== "";
  }

  /** Whether a container of the demo's runs. (To `ps` of docker-compose 1.29 one that has ended is one, too.) */
  async isUp(): Promise<boolean> {
    const filter = `label=com.docker.compose.project=${PROJECT}`;
    const listed = await run(["docker", "ps", "-q", "--filter", filter]);
    return listed?.code === 0 && listed.stdout !== "";
  }

  /** Creates and starts all of it. What is wrong if that fails, or STOP: some of it may be there then. */
  up(stopAsked: Promise<typeof STOP>): Promise<string | undefined> {
    const command = [...this.#compose, "up", "-d", "--no-build"];
    return attempt("compose up failed", command, stopAsked);
  }

  /** What the monitors have said and will say, until they have ended. */
  logs(): Bun.Subprocess<"ignore", "pipe", "pipe"> {
    const monitors = ["monitor1", "monitor2", "monitor3"];
    return spawn([...this.#compose, "logs", "--no-color", "-f", ...monitors]);
  }

  /** Ends and deletes all of it, what the monitors have stored too. What is wrong if that fails. */
  down(): Promise<string | undefined> {
    const command = [...this.#compose, "down", "--volumes", "--timeout", "5"];
    return attempt("compose down failed", command);
  }
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Takes as long as it takes. `what` is wrong, and why; or STOP, once the command has ended for that. */
async function attempt(
  what: string,
  command: readonly string[],
  stopAsked?: Promise<typeof STOP>,
): Promise<string | undefined> {
  const stopper = new AbortController();
  void stopAsked?.then(() => stopper.abort());
  const ran = await run(command, Infinity, stopper.signal);
  if (stopper.signal.aborted) return STOP;
  if (ran?.code === 0) return undefined;
  return `${what}: ${ran === undefined ? `${command[0]} cannot be run` : complaintIn(ran.stderr)}`;
}

/** How docker-compose 1.29 ends what it says of a failed `up`. */
const SAYS_NOTHING = /encountered errors while bringing up the project/iu;

/** The last line that speaks of an error, and of which, since there may be a summary or an advertisement after it. */
function complaintIn(stderr: string): string {
  const lines = stderr.trim().split("\n");
  return (lines.findLast(saysWhatIsWrong) ?? lines.at(-1)!).trim();
}

function saysWhatIsWrong(line: string): boolean {
  return /\berror\b/iu.test(line) && !SAYS_NOTHING.test(line);
}

/** Undefined if there is no such command. */
async function run(
  command: readonly string[],
  withinMs: number = ANSWER_WITHIN_MS,
  stop?: AbortSignal,
): Promise<Ran | undefined> {
  try {
    const child = spawn(command, withinMs);
    const end = () => endGroup(child.pid);
    stop?.addEventListener("abort", end);
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    // Its number may pass to somebody else.
    stop?.removeEventListener("abort", end);
    return { code, stdout: stdout.trim(), stderr };
  } catch {
    return undefined;
  }
}

/** Those that `spawn` started and theirs: `docker/build.sh` ends without a word to its docker. */
function endGroup(leaderPid: number): void {
  try {
    process.kill(-leaderPid, "SIGTERM");
  } catch {
    // They have ended.
  }
}

function spawn(command: readonly string[], withinMs = Infinity) {
  return Bun.spawn([...command], {
    env: { ...process.env, PHI_IMAGE: IMAGE },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    // A Ctrl-C is for whoever looks after these, who still needs them.
    detached: true,
    ...(withinMs !== Infinity && { timeout: withinMs }),
  });
}
