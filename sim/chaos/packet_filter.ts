/**
 * Packets dropped between containers, by iptables in a container's own network namespace: a real partition,
 * in which nobody gets as much as a refusal. Wants root, iptables and nsenter, and a local daemon.
 */

/** Drops everything between the process's namespace and those addresses, both ways. */
export async function dropPackets(pid: number, addresses: readonly string[]): Promise<void> {
  for (const address of addresses) {
    await iptables(pid, ["-A", "INPUT", "-s", address, "-j", "DROP"]);
    await iptables(pid, ["-A", "OUTPUT", "-d", address, "-j", "DROP"]);
  }
}

/** Takes back all that `dropPackets` did in that namespace. */
export async function passPackets(pid: number): Promise<void> {
  await iptables(pid, ["-F"]);
}

async function iptables(pid: number, rule: readonly string[]): Promise<void> {
  const command = ["nsenter", "--target", String(pid), "--net", "iptables", "-w", ...rule];
  const path = `${process.env["PATH"]}:/usr/local/sbin:/usr/sbin:/sbin`;
  const child = Bun.spawn(command, {
    env: { ...process.env, PATH: path },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [problems, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
  if (code === 0) return;
  throw new Error(`${command.join(" ")} ended with ${code} (it wants root): ${problems.trim()}`);
}
