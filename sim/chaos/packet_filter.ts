/**
 * Packets dropped between containers, by iptables in a container's own network namespace: a real partition,
 * in which nobody gets as much as a refusal. Wants root, iptables and nsenter, and a local daemon.
 */
import type { Direction } from "./cluster.ts";

/** Drops what comes to the process's namespace from those addresses ("in"), what goes to them ("out"), or both. */
export async function dropPackets(
  pid: number,
  addresses: readonly string[],
  direction: Direction,
): Promise<void> {
  for (const address of addresses) {
    if (direction !== "out") await iptables(pid, ["-A", "INPUT", "-s", address, "-j", "DROP"]);
    if (direction !== "in") await iptables(pid, ["-A", "OUTPUT", "-d", address, "-j", "DROP"]);
  }
}

/** Drops that share of all packets, 0 to 1, each by chance, those that come and those that go. */
export async function losePackets(pid: number, share: number): Promise<void> {
  const chance = ["-m", "statistic", "--mode", "random", "--probability", String(share)];
  for (const chain of ["INPUT", "OUTPUT"]) {
    await iptables(pid, ["-A", chain, ...chance, "-j", "DROP"]);
  }
}

/** How many packets came to the rules of that namespace and were dropped. */
export async function droppedPackets(pid: number): Promise<number> {
  const listed = await iptables(pid, ["-L", "-v", "-x", "-n"]);
  // The first number of a rule is that of its packets.
  const counts = [...listed.matchAll(/^ *(?<packets>\d+) +\d+ +DROP /gmu)];
  return counts.reduce((sum, { groups }) => sum + Number(groups?.["packets"]), 0);
}

/** Takes back all that was done in that namespace. */
export async function passPackets(pid: number): Promise<void> {
  await iptables(pid, ["-F"]);
}

async function iptables(pid: number, rule: readonly string[]): Promise<string> {
  const command = ["nsenter", "--target", String(pid), "--net", "iptables", "-w", ...rule];
  const path = `${process.env["PATH"]}:/usr/local/sbin:/usr/sbin:/sbin`;
  const child = Bun.spawn(command, {
    env: { ...process.env, PATH: path },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [output, problems, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code === 0) return output;
  throw new Error(`${command.join(" ")} ended with ${code} (it wants root): ${problems.trim()}`);
}
