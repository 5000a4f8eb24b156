/** What the tests with real containers share: the daemon, which has to be there, and the image under test. */
import { PROJECT } from "../kit/binary.ts";

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program in the project's folder to its end. */
export async function run(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Ended> {
  const child = Bun.spawn([...command], {
    cwd: PROJECT,
    env: { ...process.env, ...env },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, stdout, stderr };
}

/** Its stdout. Throws, with all that it said, if it fails. */
export async function done(
  command: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<string> {
  const { code, stdout, stderr } = await run(command, env);
  if (code === 0) return stdout.trim();
  throw new Error(`${command.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
}

export const IMAGE = "phi:test";

/**
 * Builds the image of dist/phi. Throws if no daemon answers: these tests are asked for by name, so that a
 * skip would be a lie.
 */
export async function buildImage(): Promise<void> {
  await done(["docker", "info"]);
  await done(["docker/build.sh", IMAGE]);
}
