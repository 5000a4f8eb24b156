/** `phi replay`, the compiled binary, on files and pipes. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync, readdirSync, readFileSync, readlinkSync } from "node:fs";
import { join } from "node:path";
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { TRACE_GENERATORS } from "../../sim/trace/generators.ts";
import {
  BINARY,
  control,
  PROJECT,
  run,
  start,
  startMonitor,
  startServers,
  stopAll,
  temporaryDirectory,
  until,
} from "../kit/binary.ts";

afterEach(stopAll);

const nullable = Type.Union([Type.Number(), Type.Null()]);

/** What the issue promises to programs, and numbers that JSON has. */
const Result = Type.Object({
  trace: Type.String(),
  heartbeats: Type.Integer(),
  models: Type.Array(
    Type.Object({
      model: Type.String(),
      curve: Type.Array(
        Type.Object({
          threshold: Type.Number(),
          detectionTimeMeanMs: nullable,
          detectionTimeP99Ms: nullable,
          mistakeRatePerHour: Type.Number({ minimum: 0 }),
          mistakeDurationMeanMs: nullable,
          queryAccuracy: Type.Number({ minimum: 0, maximum: 1 }),
        }),
      ),
      calibration: Type.Array(
        Type.Object({
          k: Type.Integer(),
          expected: Type.Number(),
          observed: Type.Integer(),
          samples: Type.Integer(),
          confidence: Type.Number({ minimum: 0, maximum: 1 }),
        }),
      ),
    }),
  ),
  recommended: Type.Object({ model: Type.String(), threshold: Type.Number() }),
});

const MODELS = "calibrated akka normal fixed exponential satzger chen bertier two-window".split(
  " ",
);

function parse(stdout: string): Static<typeof Result> {
  const result: unknown = JSON.parse(stdout);
  if (!Value.Check(Result, result)) {
    throw new Error(JSON.stringify(Value.Errors(Result, result).First()));
  }
  return result;
}

async function writeTrace(text: string): Promise<string> {
  const path = join(temporaryDirectory(), "trace.txt");
  await Bun.write(path, text);
  return path;
}

function generated(name: string, count: number): string {
  const generator = TRACE_GENERATORS.find((each) => each.name === name)!;
  return Array.from(
    generator.generate(1, count),
    ({ sequence, arrivalMs }) => `${sequence} ${arrivalMs.toFixed(3)}\n`,
  ).join("");
}

describe("phi replay", () => {
  test("prints a table of models, and what to use", async () => {
    const path = await writeTrace(generated("pareto", 3_000));
    const { code, stdout, stderr } = await run(["replay", path]);
    expect([code, stderr]).toEqual([0, ""]);
    const lines = stdout.split("\n");
    expect(lines[0]).toBe(`${path}: 3,000 heartbeats (0 lost), mean interval 99.99 ms`);
    for (const model of MODELS) {
      expect(lines.filter((line) => line.startsWith(`${model} `)).length).toBeGreaterThan(5);
    }
    expect(stdout).toMatch(/For detection within 1,000 ms and the fewest false alarms: \w+,/u);
    expect(stdout).toContain("No budget was stated");
  });

  test("--json is what the issue promises; from standard input it is the same", async () => {
    const path = await writeTrace(generated("stalls", 4_000));
    const { code, stdout } = await run(["replay", path, "--json"]);
    expect(code).toBe(0);
    const result = parse(stdout);
    expect(result.models.map(({ model }) => model)).toEqual(MODELS);
    expect([result.trace, result.heartbeats]).toEqual([path, 4_000]);
    for (const { curve } of result.models) expect(curve.length).toBeGreaterThan(10);
    const piped = await run([], {
      command: ["sh", "-c", `cat "${path}" | "${BINARY}" replay - --json`],
    });
    expect(parse(piped.stdout)).toEqual({ ...result, trace: "-" });
  });

  test("--models, --warm-up and a budget say what is judged", async () => {
    const path = await writeTrace(generated("loss", 3_000));
    const flags = ["--models=fixed,akka", "--warm-up=500", "--detect-within=700"];
    const { stdout } = await run(["replay", path, "--json", ...flags]);
    const result = parse(stdout);
    expect(result.models.map(({ model }) => model).toSorted()).toEqual(["akka", "fixed"]);
    expect(result).toMatchObject({ warmUpHeartbeats: 500, budget: { detectWithinMs: 700 } });
    expect(result.recommended).toMatchObject({ isFeasible: true });
    const tight = ["--detect-within=101", "--false-alarms-per-month=0.5"];
    const { code, stdout: said } = await run(["replay", path, ...tight]);
    expect([code, said]).toEqual([0, expect.stringContaining("infeasible")]);
    expect(said).toMatch(/The fastest with so few false alarms: \w+/u);
  });

  test("--svg is a picture without scripts, of which every element is closed", async () => {
    const path = await writeTrace(generated("pareto", 3_000));
    const { code, stdout } = await run(["replay", path, "--svg"]);
    expect(code).toBe(0);
    expect(stdout).toStartWith('<svg xmlns="http://www.w3.org/2000/svg"');
    const open: string[] = [];
    for (const [, slash, name, closed] of stdout.matchAll(/<(\/?)([a-z]+)[^<>]*?(\/?)>/gu)) {
      if (slash === "/") expect(open.pop()).toBe(name);
      else if (closed !== "/") open.push(name!);
    }
    expect(open).toEqual([]);
    expect(stdout).not.toMatch(/<script|NaN|Infinity|undefined/u);
    for (const model of MODELS) expect(stdout).toContain(`>${model}</text>`);
  });

  test("a line that is wrong is one line that names it, and exit 1; nothing is printed", async () => {
    const path = await writeTrace("# a trace\n0 0\n1 100\n2 soon\n");
    const { code, stdout, stderr } = await run(["replay", path]);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toBe(
      `phi: ${path}:4: the arrival must be a number of milliseconds, no further from 0 than ` +
        `9007199254740991, received "soon"\n`,
    );
    const piped = await run([], {
      command: ["sh", "-c", `printf '1 5\\n2 4\\n' | "${BINARY}" replay -`],
    });
    expect([piped.code, piped.stderr]).toEqual([
      1,
      expect.stringMatching(/^phi: standard input:2: arrives at 4 ms, before .*\n$/u),
    ]);
  });

  test("what cannot be read, or tells nothing, is one line and exit 1", async () => {
    const directory = temporaryDirectory();
    const few = await writeTrace("1 100\n2 200\n");
    const same = await writeTrace("1 100\n2 100\n3 100\n4 100\n");
    const failures = [
      [join(directory, "none"), /none cannot be read: .*no such file/u],
      [directory, /cannot be read: it is a directory/u],
      [await writeTrace(""), /0 heartbeats tell nothing; 3 are the least/u],
      [few, /2 heartbeats tell nothing/u],
      [same, /all heartbeats to judge arrived at the same moment/u],
    ] as const;
    for (const [path, expected] of failures) {
      const { code, stdout, stderr } = await run(["replay", path]);
      expect([code, stdout, stderr.split("\n").length]).toEqual([1, "", 2]);
      expect(stderr).toMatch(expected);
    }
  });

  test("what is asked wrongly is one line and exit 2", async () => {
    const path = await writeTrace(generated("loss", 100));
    const misuses = [
      [[], /name a trace/u],
      [[path, "--target=db"], /two sources/u],
      [[path, "--json", "--svg"], /two shapes/u],
      [[path, "--models=fixed,magic"], /there is no "magic"; there are .*akka/u],
      [[path, "--warm-up=100"], /--warm-up must be from 1 to \d\d/u],
      [[path, "--warm-up=0"], /--warm-up must be from 1/u],
      [[path, "--warm-up=some"], /whole number/u],
      [[path, "--detect-within=0"], /--detect-within must be more than 0/u],
      [[path, "--detect-within=soon"], /Write a number/u],
      [[path, "--false-alarms-per-month=0"], /--false-alarms-per-month must be more than 0/u],
      [[path, "another"], /too many arguments/u],
    ] as const;
    for (const [args, expected] of misuses) {
      const { code, stdout, stderr } = await run(["replay", ...args]);
      expect([args, code, stdout]).toEqual([args, 2, ""]);
      expect(stderr).toMatch(expected);
    }
  });

  test("Ctrl-C ends it while it waits for more, and while it judges; nothing half is printed", async () => {
    const fifo = join(temporaryDirectory(), "fifo");
    Bun.spawnSync(["mkfifo", fifo]);
    const feeding = start([], { command: ["sh", "-c", `(echo 1 1; exec sleep 60) > "${fifo}"`] });
    const waiting = start(["replay", fifo]);
    // What reads from a pipe has the file open.
    await until("it to wait", () => hasOpen(waiting.pid, fifo));
    waiting.signal("SIGINT");
    expect(await waiting.exited).toBe(130);
    feeding.signal("SIGKILL");
    const path = await writeTrace(generated("loss", 400_000));
    const judging = start(["replay", path]);
    await until("it to have begun", () => (cpuTicks(judging.pid) > 60 ? true : undefined));
    judging.signal("SIGINT");
    expect(await judging.exited).toBe(130);
    await Promise.all([waiting.drained, judging.drained]);
    expect([waiting.stdout(), judging.stdout()]).toEqual(["", ""]);
  });
});

describe("phi replay --target", () => {
  test("judges what a running monitor remembers, with the outage that it saw", async () => {
    const { ports } = await startServers(1);
    const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
    const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
    const timing = { intervalMillis: 50, timeoutMillis: 500 };
    const strict = { threshold: 8, minStdDeviationMillis: 50, firstHeartbeatEstimateMillis: 100 };
    const body = JSON.stringify({ name: "db-1", url, ...timing, monitor: strict });
    const headers = { "content-type": "application/json" };
    const written = await fetch(`${monitor.url}/config`, { method: "PUT", headers, body });
    expect(written.status).toBe(200);
    const remembered = async (leastCount: number, leastOutages: number) => {
      const answer = await fetch(`${monitor.url}/targets/db-1/intervals`);
      const { intervals } = (await answer.json()) as { intervals: { outage: boolean }[] };
      const outages = intervals.filter(({ outage }) => outage).length;
      return (intervals.length >= leastCount && outages >= leastOutages) || undefined;
    };
    await until("some intervals", () => remembered(20, 0));
    const verdict = async (wanted: string) => {
      const target = await (await fetch(`${monitor.url}/targets/db-1`)).json();
      return (target as { verdict: string }).verdict === wanted || undefined;
    };
    // A monitor that had to wait for a processor takes that out of the silence, and there was no outage.
    await until("an outage that it remembers", async () => {
      // A bad status is evidence that it was no mistake.
      await control(ports[0]!, { status: 503 });
      await until("it to be down", () => verdict("down"));
      await control(ports[0]!, { status: 200 });
      await until("it to be up", () => verdict("up"));
      return await remembered(30, 1);
    });
    const asked = ["replay", "--target=db-1", `--api=${monitor.url}`, "--json"];
    const { code, stdout, stderr } = await run(asked);
    expect([code, stderr]).toEqual([0, ""]);
    const result = parse(stdout);
    expect(result.trace).toBe("db-1");
    expect(result.heartbeats).toBeGreaterThan(30);
    // It lies beyond what is learnt first, and so among what is not judged.
    expect((JSON.parse(stdout) as { outages: number }).outages).toBeGreaterThanOrEqual(1);
    const unknown = await run(["replay", "--target=nobody", `--api=${monitor.url}`]);
    expect([unknown.code, unknown.stderr]).toEqual([
      1,
      'phi: "nobody" is not watched; "phi targets list" shows what is\n',
    ]);
  });
});

/** Recorded traces, which the project does not hold: beside it, or where the environment says. */
const RECORDED = join(process.env["PHI_SHARED_DATA"] ?? join(PROJECT, "../shared/data"), "traces");
const isRecorded = existsSync(RECORDED);
if (!isRecorded) {
  if (process.env["CI"] === "true")
    throw new Error(`CI has to have recorded traces in ${RECORDED}`);
  console.warn(`skipped: there are no traces in ${RECORDED}; PHI_SHARED_DATA may say where`);
}

const recorded = isRecorded
  ? readdirSync(RECORDED).filter((name) => name.endsWith(".txt"))
  : ["(none)"];

describe.skipIf(!isRecorded)("phi replay of recorded traces", () => {
  test.each(recorded)("judges %s", async (name) => {
    const { code, stdout, stderr } = await run(["replay", join(RECORDED, name), "--json"]);
    expect([code, stderr]).toEqual([0, ""]);
    const result = parse(stdout);
    expect(result.heartbeats).toBeGreaterThan(1_000);
    expect(result.models.map(({ model }) => model)).toEqual(MODELS);
  });
});

function hasOpen(pid: number, path: string): true | undefined {
  const links = readdirSync(`/proc/${pid}/fd`).map((name) => `/proc/${pid}/fd/${name}`);
  return links.some((link) => linkOf(link) === path) || undefined;
}

/** Undefined for a descriptor that has been closed since it was listed. */
function linkOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}

/** Fields of /proc/PID/stat from the state on; the name before it may hold anything. */
function statOf(pid: number): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, "utf8");
  return text.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** Time of the processor that it has used, in hundredths of a second. */
function cpuTicks(pid: number): number {
  const fields = statOf(pid);
  return Number(fields[11]) + Number(fields[12]);
}
