/**
 * The name under which the system lists this process. `pidof` and its like go by three things: the
 * first argument, the kernel's own name for the process, and the executable's file name.
 */
import { writeFileSync } from "node:fs";
import { basename } from "node:path";

/**
 * Renames a compiled binary, as far as a process can: it starts itself over, in the same process, with
 * `name` as its first argument, and tells the kernel. Call it before anything else is begun. On
 * systems without that, and when run from source, the old name stays.
 */
export function renameProcess(name: string): void {
  if (process.platform !== "linux" || !Bun.main.startsWith("/$bunfs/")) return;
  if (basename(process.argv0) !== name) {
    process.execve?.(process.execPath, [name, ...process.argv.slice(2)], process.env);
  }
  try {
    writeFileSync("/proc/self/comm", name);
  } catch {
    // Without /proc the kernel's name stays what it was, and nothing else depends on it.
  }
}
