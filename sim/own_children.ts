/**
 * Children that do not outlive who started them: each leads a process group, in which is what it starts in turn, and
 * SIGTERM or SIGINT ends the groups that are left before it ends this process.
 */
const groups = new Set<number>();

/** Has the child, which has to have been started with `detached`, end with this process. */
export function endWithUs({ pid, exited }: { pid: number; exited: Promise<number> }): void {
  groups.add(pid);
  void exited.finally(() => groups.delete(pid));
}

/** To be called once, by the program that starts them. */
export function endChildrenOnSignals(): void {
  for (const [signal, exitCode] of [
    ["SIGINT", 130],
    ["SIGTERM", 143],
  ] as const) {
    process.on(signal, () => {
      for (const group of groups) process.kill(-group, "SIGKILL");
      process.exit(exitCode);
    });
  }
}
