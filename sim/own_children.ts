/**
 * Children that do not outlive who started them: each leads a process group, in which is what it starts in turn, and the
 * groups that are left end when this process does, by SIGTERM, SIGINT, SIGHUP, an error or of itself.
 */
import type { Subprocess } from "bun";

const children = new Set<Subprocess>();

/** Has the child, which has to have been started with `detached`, end with this process. */
export function endWithUs(child: Subprocess): void {
  children.add(child);
  void child.exited.finally(() => children.delete(child));
}

/** To be called once, by the program that starts them. */
export function endChildrenAtExit(): void {
  process.on("SIGHUP", () => process.exit(129));
  process.on("SIGINT", () => process.exit(130));
  process.on("SIGTERM", () => process.exit(143));
  process.on("exit", () => {
    for (const { pid, exitCode, signalCode } of children) {
      if (exitCode === null && signalCode === null) killGroup(pid);
    }
  });
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // It has ended since it was looked at; the others still have to.
  }
}
