/** Whether this machine's Docker can run the demo, and the demo's containers, which `docker-compose.yml` describes. */

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

  /** Why the image cannot be built; undefined once it is. */
  async build(): Promise<string | undefined> {
    const built = await run(["docker/build.sh", IMAGE], Infinity);
    if (built?.code === 0) return undefined;
    const last = built?.stderr.trim().split("\n").at(-1) ?? "docker/build.sh cannot be run";
    return `the image cannot be built: ${last}`;
  }

  /** Whether a demo is up, or was not taken down. */
  async hasContainers(): Promise<boolean> {
    const listed = await run([...this.#compose, "ps", "-q"]);
    return listed?.code === 0 && listed.stdout !== "";
  }

  /** Creates and starts all of it. What is wrong if that fails. */
  async up(): Promise<string | undefined> {
    const up = await run([...this.#compose, "up", "-d", "--no-build"], Infinity);
    return up?.code === 0 ? undefined : `compose up failed: ${up?.stderr.trim() ?? ""}`;
  }

  /** What the monitors have said and will say, until they have ended. */
  logs(): Bun.Subprocess<"ignore", "pipe", "pipe"> {
    const monitors = ["monitor1", "monitor2", "monitor3"];
    return spawn([...this.#compose, "logs", "--no-color", "-f", ...monitors]);
  }

  /** Ends and deletes all of it, what the monitors have stored too. */
  async down(): Promise<void> {
    await run([...this.#compose, "down", "--volumes", "--timeout", "5"], Infinity);
  }
}

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Undefined if there is no such command. */
async function run(
  command: readonly string[],
  withinMs: number = ANSWER_WITHIN_MS,
): Promise<Ran | undefined> {
  try {
    const child = spawn(command, withinMs);
    const [stdout, stderr, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    return { code, stdout: stdout.trim(), stderr };
  } catch {
    return undefined;
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
