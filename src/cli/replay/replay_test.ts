import { describe, expect, test } from "bun:test";
import { decodeConfig } from "../../config/mod.ts";
import { type ReplayArguments, runReplay } from "./replay.ts";

const API = { api: "http://m0" };

interface Asked {
  readonly fetch?: (request: Request) => Promise<Response>;
  readonly text?: string;
}

/** What nobody listens on. */
function connectionRefused(): Promise<never> {
  return Promise.reject(Object.assign(new Error("refused"), { code: "ConnectionRefused" }));
}

async function ask(file: string | undefined, flags: ReplayArguments, { fetch, text = "" }: Asked) {
  const [stdout, stderr]: [string[], string[]] = [[], []];
  const output = {
    data: (line: string) => void stdout.push(line),
    say: (line: string) => void stderr.push(line),
  };
  const grants = {
    output,
    fetch: fetch ?? connectionRefused,
    openBytes: async () => ({ sizeBytes: text.length, pieces: piecesOf(text) }),
    clock: { monotonicMs: () => 0, wallMs: () => 0 },
    timers: { after: () => () => {}, yieldToLoop: () => Promise.resolve() },
    drawProgress: undefined,
  };
  const code = await runReplay(file, flags, grants);
  return { code, stdout: stdout.join("\n"), stderr };
}

async function* piecesOf(text: string): AsyncGenerator<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  for (let from = 0; from < bytes.length; from += 7) yield bytes.subarray(from, from + 7);
}

const answer =
  (body: unknown, status = 200) =>
  async () =>
    Response.json(body, { status });

describe("phi replay TRACE", () => {
  test("from standard input is called that, and a budget that was not stated is not named", async () => {
    const few = await ask("-", API, { text: "0 0\n1 100\n" });
    expect(few.stderr).toEqual(["phi: standard input: 2 heartbeats tell nothing; 3 are the least"]);
    const text = "0 0\n1 100\n2 200\n3 300\n4 400\n";
    const flags = { ...API, models: "chen", warmUp: 2, detectWithin: 1 };
    const { stdout } = await ask("-", flags, { text });
    expect(stdout).toContain("The fastest of all: chen, margin ms ");
  });

  test("with times that are no milliseconds is refused", async () => {
    const text = "0 0\n1 3e13\n2 6e13\n3 9e13\n";
    expect((await ask("t.txt", API, { text })).stderr).toEqual([
      "phi: t.txt: heartbeats are 347222 days apart in the mean; arrivals must be in milliseconds, and since one moment",
    ]);
  });

  test("recommends what a config takes", async () => {
    const arrivals = Array.from({ length: 400 }, (_, index) => 100 * index + ((index * 7) % 5));
    const text = arrivals.map((ms, index) => `${index} ${ms}`).join("\n");
    for (const models of ["calibrated", "akka", "normal", "fixed"]) {
      for (const detectWithin of [105, 110, 150, 200, 300, 1_000]) {
        const flags = { ...API, models, detectWithin, json: true };
        const { recommended } = JSON.parse((await ask("t.txt", flags, { text })).stdout);
        const { monitor } = recommended;
        if (monitor === null || monitor === undefined) continue;
        const target = { name: "a", url: "http://a/", intervalMillis: 100, monitor };
        expect([monitor, decodeConfig({ servers: [target] })]).toMatchObject([{}, { ok: true }]);
      }
    }
  });

  test("shows the curve of a timeout as it is by hand", async () => {
    const text = "0 0\n1 100\n2 200\n4 500\n5 600\n5 601\n6 700\n";
    const flags = { ...API, models: "fixed", warmUp: 2, detectWithin: 250 };
    const { code, stdout, stderr } = await ask("t.txt", flags, { text });
    expect([code, stderr]).toEqual([0, []]);
    expect(stdout).toBe(
      `t.txt: 6 heartbeats (1 lost, 1 duplicate or late and left out), mean interval 150.0 ms
The first 2 heartbeats are learnt; 4 intervals, 0.000167 h, are judged, each by what was known before it.

MODEL  THRESHOLD  T_D MEAN ms  T_D P99 ms  MISTAKES    λ_M /h  T_M ms       P_A
fixed        153        153.0       153.0         1     6,000   147.0  0.755000
fixed        180        180.0       180.0         1     6,000   120.0  0.800000
fixed        225        225.0       225.0         1     6,000   75.00  0.875000
fixed        250        250.0       250.0         1     6,000   50.00  0.916667  recommended
fixed        316        316.0       316.0         0  < 17,974       -  1.000000
fixed        443        443.0       443.0         0  < 17,974       -  1.000000
fixed        777        777.0       777.0         0  < 17,974       -  1.000000
fixed       1220        1,220       1,220         0  < 17,974       -  1.000000
fixed       1710        1,710       1,710         0  < 17,974       -  1.000000
fixed       3000        3,000       3,000         0  < 17,974       -  1.000000

For detection within 250.0 ms and the fewest false alarms: fixed, fixedTimeoutMillis 250.
  It detects after 250.0 ms in the mean, 250.0 ms at p99, and gave 1 false alarm (4,320,000 a month, at most 20,493,495 a month at 95 %) in 0.000167 h.
  In the config: monitor: {model: fixed, fixedTimeoutMillis: 250}
  Or the budget itself, and the threshold follows it: monitor: {detectWithinMillis: 250}`,
    );
  });
});

describe("phi replay --target", () => {
  const intervals = Array.from({ length: 40 }, (_, index) => ({
    ms: 1_000 + index,
    outage: index === 30,
  }));

  test("judges what the monitor remembers, but for its outages", async () => {
    const paths: string[] = [];
    const fetch = async (request: Request) => {
      paths.push(new URL(request.url).pathname);
      return Response.json({ target: "a b", intervals });
    };
    const { code, stdout } = await ask(undefined, { ...API, target: "a b", json: true }, { fetch });
    expect([code, paths]).toEqual([0, ["/targets/a%20b/intervals"]]);
    expect(JSON.parse(stdout)).toMatchObject({ trace: "a b", heartbeats: 41, outages: 1 });
  });

  test("what is not watched, no monitor, or one without intervals is a failure that says so", async () => {
    const flags = { ...API, target: "db" };
    const unknown = { type: "urn:phi:problem:unknown_target", detail: "No such target." };
    const other = { type: "urn:phi:problem:unknown_path", detail: '"db" is not watched' };
    const failures = [
      [answer(unknown, 404), 'phi: "db" is not watched; "phi targets list" shows what is'],
      [answer(other, 404), 'phi: 404: "db" is not watched'],
      [answer({ hello: 1 }), "phi: http://m0 is not a phi monitor that keeps intervals"],
      [
        answer({ target: "db", intervals: [{ ms: -1, outage: false }] }),
        "phi: http://m0 is not a phi monitor that keeps intervals",
      ],
      [
        answer({ target: "db", intervals: intervals.slice(0, 1) }),
        "phi: db: 2 heartbeats tell nothing; 3 are the least",
      ],
      [connectionRefused, "phi: no monitor answers at http://m0; name another with --api"],
    ] as const;
    for (const [fetch, expected] of failures) {
      const { code, stdout, stderr } = await ask(undefined, flags, { fetch });
      expect([code, stdout, stderr]).toEqual([1, "", [expected]]);
    }
  });

  test("what the monitor calls the target moves nobody's cursor", async () => {
    const flags = { ...API, target: "db", models: "chen" };
    const target = "d\u001B[2Jb\u009B";
    const fetch = answer({ target, intervals });
    const { code, stdout } = await ask(undefined, flags, { fetch });
    expect([code, stdout.split(":")[0]]).toEqual([0, "d [2Jb "]);
    expect(stdout.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    const late = { ms: 1e15, outage: false };
    const still = Array.from({ length: 4 }, () => ({ ms: 0, outage: false }));
    for (const gaps of [intervals.slice(0, 1), [late, late, late], still]) {
      const told = { fetch: answer({ target, intervals: gaps }) };
      const { stderr } = await ask(undefined, flags, told);
      expect(stderr).toEqual([expect.stringMatching(/^phi: d \[2Jb : \P{Cc}+$/u)]);
    }
  });

  test("an address that is none is a misuse", async () => {
    const { code, stderr } = await ask(undefined, { api: "m0", target: "db" }, {});
    expect([code, stderr]).toEqual([
      2,
      ['phi: --api: "m0" is not a URL, as http://127.0.0.1:8000'],
    ]);
  });
});
