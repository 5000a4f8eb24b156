/**
 * Two means to see what a process does, each with what the process has to be started with for its JavaScript
 * to have names. `perf` sees everything: the kernel, the runtime, all threads. Bun's own profiler sees only
 * JavaScript, but needs nobody's permission, and knows files and lines.
 */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readCpuProfile } from "./cpu_profile_stacks.ts";
import type { FrameTree } from "./frame_tree.ts";
import { perfMap, readJitDump } from "./jit_dump.ts";
import { readPerfScript } from "./perf_stacks.ts";

export type Means = "perf" | "cpu-prof";

export interface Sampling {
  readonly means: Means;
  /** What the process has to find in its environment when it starts. */
  readonly environment: Readonly<Record<string, string>>;
  /** Samples a process that runs for `seconds`, or until `cut`. */
  sample(pid: number, seconds: number, cut: Promise<unknown>): Promise<void>;
  /** What was seen. The process has to have ended, by SIGTERM: that is when it is all written. */
  stacks(pid: number): Promise<FrameTree>;
}

/** Samples a second: no divisor of what happens in round times. */
const FREQUENCY = 997;

/** Why perf cannot be used here, in perf's own words; undefined if it can. */
export function whyNoPerf(): string | undefined {
  if (Bun.which("perf") === null)
    return "perf is not installed (Debian: apt-get install linux-perf)";
  const command = ["perf", "record", "-g", "-F", "99", "-o", "/dev/null", "--", "true"];
  const { exitCode, stderr } = Bun.spawnSync(command, { stdin: "ignore", stdout: "ignore" });
  if (exitCode === 0) return undefined;
  const said = stderr.toString().trim().split("\n").slice(0, 2).join(" ");
  return `perf record ended with ${exitCode}: ${said}`;
}

export class PerfSampling implements Sampling {
  readonly means = "perf";
  readonly #directory: string;

  /** `directory` is for what it writes, and belongs to this measuring alone. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  get environment(): Readonly<Record<string, string>> {
    return {
      BUN_JSC_useJITDump: "1",
      BUN_JSC_jitDumpDirectory: this.#directory,
      // What is interpreted has no code of its own, and so no name.
      BUN_JSC_useLLInt: "0",
    };
  }

  async sample(pid: number, seconds: number, cut: Promise<unknown>): Promise<void> {
    const recording = Bun.spawn(
      ["perf", "record", "-g", "-F", String(FREQUENCY), "-o", this.#data, "-p", String(pid)],
      { stdin: "ignore", stdout: "ignore", stderr: "pipe" },
    );
    await Promise.race([Bun.sleep(seconds * 1_000), cut, recording.exited]);
    recording.kill("SIGINT");
    const said = await new Response(recording.stderr).text();
    await recording.exited;
    if (!(await Bun.file(this.#data).exists())) throw new Error(`perf recorded nothing: ${said}`);
  }

  async stacks(pid: number): Promise<FrameTree> {
    const dump = readdirSync(this.#directory).find((name) => name.endsWith(`-${pid}.dump`));
    if (dump === undefined) throw new Error(`there is no JIT dump of process ${pid}`);
    const ranges = readJitDump(readFileSync(join(this.#directory, dump)));
    // The one place where perf looks.
    const map = `/tmp/perf-${pid}.map`;
    await writeFile(map, perfMap(ranges));
    try {
      const command = ["perf", "script", "--no-inline", "-i", this.#data];
      const script = Bun.spawn([...command, "-F", "comm,tid,ip,sym,dso"], {
        stdin: "ignore",
        stdout: "pipe",
        stderr: "ignore",
      });
      return readPerfScript(await new Response(script.stdout).text());
    } finally {
      rmSync(map, { force: true });
    }
  }

  get #data(): string {
    return join(this.#directory, "perf.data");
  }
}

export class CpuProfileSampling implements Sampling {
  readonly means = "cpu-prof";
  readonly #directory: string;
  #seconds = 0;

  /** `directory` is for what the process writes, and belongs to this measuring alone. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  get environment(): Readonly<Record<string, string>> {
    const flags = ["--cpu-prof", `--cpu-prof-dir=${this.#directory}`, `--cpu-prof-name=${PROFILE}`];
    return { BUN_OPTIONS: flags.join(" ") };
  }

  /** The profiler runs all the time; only the end counts. */
  async sample(_pid: number, seconds: number, cut: Promise<unknown>): Promise<void> {
    const startMs = performance.now();
    await Promise.race([Bun.sleep(seconds * 1_000), cut]);
    this.#seconds = (performance.now() - startMs) / 1_000;
  }

  async stacks(): Promise<FrameTree> {
    return readCpuProfile(await Bun.file(join(this.#directory, PROFILE)).text(), this.#seconds);
  }
}

const PROFILE = "phi.cpuprofile";
