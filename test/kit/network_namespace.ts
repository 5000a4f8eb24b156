/**
 * Runs a script where the network is the test's own: a namespace with nothing but a loopback, in which
 * routes and packet filters can be set without touching the machine. It needs root and Linux's tools; where
 * they are missing the tests say so and are skipped, but not in CI, which installs them.
 */
import { test } from "bun:test";
import { fileURLToPath } from "node:url";

const TOOLS = ["unshare", "ip", "iptables"];

/** Why no namespace can be made here; undefined where one can. */
function whyNot(): string | undefined {
  const missing = TOOLS.filter((tool) => Bun.which(tool) === null);
  if (missing.length > 0) return `${missing.join(", ")} not installed`;
  const probe = Bun.spawnSync(["unshare", "-n", "-m", "iptables", "-L"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  return probe.exitCode === 0 ? undefined : `no namespace: ${probe.stderr.toString().trim()}`;
}

const reason = whyNot();
const isSkipped = reason !== undefined && process.env["CI"] !== "true";

/** As `test`, skipped by name where no namespace can be made. */
export function testInNamespace(name: string, run: () => Promise<void>, timeoutMs = 60_000): void {
  if (isSkipped) test.skip(`${name} (${reason})`, run);
  else test(name, run, timeoutMs);
}

/**
 * Runs `script`, a URL, under shell commands that set the namespace up; what it prints on its last line,
 * as JSON, which must be an object.
 */
export async function runInNamespace(
  setUp: readonly string[],
  script: URL,
): Promise<Record<string, unknown>> {
  const commands = ["set -e", "ip link set lo up", ...setUp, 'exec "$0" "$1"'].join("\n");
  const child = Bun.spawn(
    ["unshare", "-n", "-m", "sh", "-c", commands, process.execPath, fileURLToPath(script)],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [output, problems, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${script.pathname} ended with ${code}: ${problems}${output}`);
  return JSON.parse(output.trim().split("\n").at(-1)!);
}
