import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const ROOT = join(import.meta.dir, "../../..");
/** Recorded histories, which the project does not hold: beside it, or where the environment says. */
const RECORDED = join(
  process.env["PHI_SHARED_DATA"] ?? join(ROOT, "../shared/data"),
  "linearizability",
);

const WRITTEN = `INFO  jepsen.util - 0 :invoke :write 1
INFO  jepsen.util - 0 :ok :write 1
INFO  jepsen.util - 0 :invoke :read nil
`;
const FOUND = `${WRITTEN}INFO  jepsen.util - 0 :ok :read 1\r\n`;
const STALE = `${WRITTEN}INFO  jepsen.util - 0 :ok :read nil\n`;
const LOST_KEY = `{:process 0, :type :invoke, :f :append, :key "a", :value "x"}
{:process 0, :type :ok, :f :append, :key "a", :value "x"}
{:process 0, :type :invoke, :f :get, :key "a", :value nil}
{:process 0, :type :ok, :f :get, :key "a", :value ""}
`;

interface Result {
  readonly stdout: string;
  readonly stderr: string;
  readonly exitCode: number;
}

let folder = "";
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "phi-check-history-"));
});
afterAll(() => rmSync(folder, { recursive: true }));

async function checkHistory(args: readonly string[], cwd = folder): Promise<Result> {
  const script = join(import.meta.dir, "check_history.ts");
  const child = Bun.spawn([process.execPath, script, ...args], {
    cwd,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, exitCode };
}

async function write(files: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, text] of Object.entries(files)) await Bun.write(join(folder, name), text);
}

describe("check-history", () => {
  test("prints for each file its name as given and the verdict", async () => {
    await write({ "found.log": FOUND, "stale.log": STALE, "lost key.txt": LOST_KEY, empty: "" });
    expect(await checkHistory(["found.log", "./stale.log", "lost key.txt", "empty"])).toEqual({
      stdout:
        "found.log\tlinearizable\n./stale.log\tnot-linearizable\n" +
        "lost key.txt\tnot-linearizable\nempty\tlinearizable\n",
      stderr: "",
      exitCode: 0,
    });
  });

  test("says what is wrong with a file, and judges the others", async () => {
    await write({ "found.log": FOUND, "wrong.log": `${FOUND}0 ok\n` });
    const { stdout, stderr, exitCode } = await checkHistory([
      "none.log",
      "wrong.log",
      ".",
      "found.log",
    ]);
    expect(stdout).toBe("found.log\tlinearizable\n");
    const [none, wrong, directory] = stderr.trimEnd().split("\n");
    expect(none).toStartWith("none.log: cannot be read: ");
    expect(wrong).toStartWith("wrong.log:5: expected INFO  jepsen.util - ");
    expect(wrong).toEndWith("found: 0 ok");
    expect(directory).toStartWith(".: cannot be read: ");
    expect(exitCode).toBe(1);
  });

  test("without a file, or with an option that there is not, says how it is used", async () => {
    for (const args of [
      [],
      ["--max-steps", "5"],
      ["--nope", "x"],
      ["--max-steps", "-1", "x"],
      ["--max-steps=x", "x"],
    ]) {
      const { stdout, stderr, exitCode } = await checkHistory(args);
      expect({ args, stdout, exitCode }).toEqual({ args, stdout: "", exitCode: 2 });
      expect(stderr).toContain("usage: bun run check-history ");
    }
  });

  test("--help says it on stdout", async () => {
    const { stdout, stderr, exitCode } = await checkHistory(["--help"]);
    expect(stdout).toStartWith("usage: bun run check-history ");
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  });

  test("says unknown where the work it may do does not suffice", async () => {
    await write({ "stale.log": STALE });
    const { stdout, exitCode } = await checkHistory(["--max-steps", "0", "stale.log"]);
    expect({ stdout, exitCode }).toEqual({ stdout: "stale.log\tunknown\n", exitCode: 0 });
  });

  test("is what `bun run check-history` runs", () => {
    const { scripts } = JSON.parse(readFileSync(join(ROOT, "package.json"), "utf8")) as {
      scripts: Record<string, string>;
    };
    expect(scripts["check-history"]).toBe("bun sim/world/linearizability/check_history.ts");
  });
});

const isRecorded = existsSync(join(RECORDED, "expected.tsv"));
if (!isRecorded) {
  console.warn(
    `skipped: there are no recorded histories in ${RECORDED}; PHI_SHARED_DATA may say where`,
  );
}

describe.skipIf(!isRecorded)("check-history of recorded histories", () => {
  test("says of each what is known of it", async () => {
    const expected = readFileSync(join(RECORDED, "expected.tsv"), "utf8");
    const files = expected
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0]!);
    expect(files.length).toBe(54);
    const { stdout, stderr, exitCode } = await checkHistory(files, RECORDED);
    expect(stdout.trimEnd().split("\n")).toEqual(expected.trimEnd().split("\n"));
    expect({ stderr, exitCode }).toEqual({ stderr: "", exitCode: 0 });
  });

  test("does so with little work", async () => {
    const expected = readFileSync(join(RECORDED, "expected.tsv"), "utf8");
    const files = expected
      .trimEnd()
      .split("\n")
      .map((line) => line.split("\t")[0]!);
    const { stdout } = await checkHistory(["--max-steps", "2000", ...files], RECORDED);
    expect(stdout.trimEnd().split("\n")).toEqual(expected.trimEnd().split("\n"));
  });
});
