/** Whoever interrupts a campaign, or closes its terminal, finds nothing of it left. */
import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { settled } from "../../sim/fuzz/process_reading.ts";
import { commandLines } from "../kit/command_lines.ts";

const MAIN = fileURLToPath(new URL("../../sim/fuzz/main.ts", import.meta.url));

/** Those that were started with this directory for what is temporary. */
function processesOf(directory: string): readonly number[] {
  const lines = [...commandLines()].filter(([, line]) => line.includes(`--datadir=${directory}/`));
  return lines.map(([pid]) => pid);
}

test.each([
  ["SIGHUP", 129],
  ["SIGINT", 130],
  ["SIGTERM", 143],
] as const)(
  "%s ends the attacker, its monitor and its files",
  async (signal, code) => {
    const directory = mkdtempSync(join(tmpdir(), "fuzz-signals-"));
    const attacker = Bun.spawn([process.execPath, MAIN, "--only", "peer"], {
      env: { ...process.env, TMPDIR: directory },
      stdio: ["ignore", "ignore", "ignore"],
    });
    try {
      expect(await settled(() => processesOf(directory).length > 0)).toBe(true);
      attacker.kill(signal);
      expect(await attacker.exited).toBe(code);
      expect(await settled(() => processesOf(directory).length === 0)).toBe(true);
      expect(readdirSync(directory)).toEqual([]);
    } finally {
      attacker.kill("SIGKILL");
      for (const pid of processesOf(directory)) process.kill(pid, "SIGKILL");
      rmSync(directory, { recursive: true, force: true });
    }
  },
  60_000,
);
