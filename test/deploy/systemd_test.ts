/**
 * The unit that operators are given: systemd takes it and finds little that it could still be denied, its variables
 * are phi's, and phi makes no system call that it forbids. That it runs under a real systemd is tried in test/docker.
 */
import { afterEach, beforeAll, describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { Command } from "commander";
import { addMonitor } from "../../src/cli/monitor_flags.ts";
import { freePorts } from "../../sim/free_ports.ts";
import {
  answers,
  BINARY,
  PROJECT,
  start,
  startServers,
  stopAll,
  temporaryDirectory,
  until,
} from "../kit/binary.ts";
import { needs } from "../kit/needs.ts";
import { canTrace } from "../kit/system_calls.ts";

const LONG_MS = 90_000;
const FOLDER = join(PROJECT, "deploy/systemd");
const hasSystemd = needs("systemd-analyze");

let unit = "";
let example = "";

beforeAll(async () => {
  unit = await readFile(join(FOLDER, "phi.service"), "utf8");
  example = await readFile(join(FOLDER, "phi.env"), "utf8");
});

afterEach(stopAll);

/** All values of a key, in their order. */
const valuesOf = (key: string) =>
  [...unit.matchAll(new RegExp(`^${key}=(?<value>.*)$`, "gmu"))].map(
    ({ groups }) => groups!["value"]!,
  );

function analyze(...args: readonly string[]) {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["systemd-analyze", ...args]);
  return { exitCode, stdout: stdout.toString(), stderr: stderr.toString() };
}

/** The unit with a binary that is there. */
async function writtenUnit(): Promise<string> {
  const path = join(temporaryDirectory(), "phi.service");
  await writeFile(path, unit.replace("ExecStart=/usr/local/bin/phi", `ExecStart=${BINARY}`));
  return path;
}

describe.skipIf(!hasSystemd)("systemd", () => {
  test("takes phi.service, and knows every key in it", async () => {
    const { exitCode, stderr } = analyze(
      "verify",
      "--man=no",
      "--recursive-errors=no",
      await writtenUnit(),
    );
    expect(stderr).toBe("");
    expect(exitCode).toBe(0);
  });

  test("finds it about as shut in as a service that has a network can be", async () => {
    // Of 10: what is left is the network, the system's own root, and memory that is written and run.
    const { exitCode, stdout } = analyze(
      "security",
      "--offline=yes",
      "--no-pager",
      "--threshold=12",
      await writtenUnit(),
    );
    expect(stdout).toContain("Overall exposure level for phi.service");
    expect(exitCode).toBe(0);
  });
});

/** Every name that a group of system calls stands for, groups in it too. */
function callsOf(group: string): ReadonlySet<string> {
  const lines = analyze("syscall-filter", group)
    .stdout.split("\n")
    .map((line) => line.trim());
  const names = lines.slice(1).filter((line) => line !== "" && !line.startsWith("#"));
  return new Set(names.flatMap((name) => (name.startsWith("@") ? [...callsOf(name)] : [name])));
}

/** What the unit's SystemCallFilter lets through: each line adds to those before it, or takes away. */
function allowedCalls(): ReadonlySet<string> {
  const allowed = new Set<string>();
  for (const line of valuesOf("SystemCallFilter")) {
    const isDenied = line.startsWith("~");
    const names = line
      .replace("~", "")
      .split(" ")
      .flatMap((group) => [...callsOf(group)]);
    for (const name of names) {
      if (isDenied) allowed.delete(name);
      else allowed.add(name);
    }
  }
  return allowed;
}

describe.skipIf(!hasSystemd || !canTrace())("SystemCallFilter", () => {
  test(
    "has every system call that a monitor makes, from its start over probes, writes, a scrape and SIGHUP to its end",
    async () => {
      const { ports } = await startServers(1);
      const [httpPort] = freePorts(1);
      const file = join(temporaryDirectory(), "calls");
      const config = join(temporaryDirectory(), "servers.yml");
      await writeFile(
        config,
        `servers: [{name: a, url: 'http://localhost:${ports[0]}/heartbeat'}]`,
      );
      // The tracer stands aside, so that signals reach the monitor.
      const command = ["strace", "-D", "-f", "-c", "-o", file, BINARY];
      const flags = [
        `--http-bind=127.0.0.1:${httpPort}`,
        `--config=${config}`,
        "--allow-net=127.0.0.0/8",
      ];
      const monitor = start(["monitor", ...flags], { command });
      const url = `http://127.0.0.1:${httpPort}`;
      await until(
        "the target to be up",
        async () => {
          if ((await answers(`${url}/readyz`)) === undefined) return undefined;
          const target = (await (await fetch(`${url}/targets/a`)).json()) as {
            readonly verdict?: string;
          };
          return target.verdict === "up" ? true : undefined;
        },
        monitor,
      );
      const headers = { "accept-encoding": "gzip" };
      expect((await fetch(`${url}/metrics`, { headers })).status).toBe(200);
      monitor.signal("SIGHUP");
      await until(
        "the file to be read again",
        () => monitor.stderr().includes("SIGHUP") || undefined,
        monitor,
      );
      monitor.signal("SIGTERM");
      expect(await monitor.exited).toBe(0);
      const made = await until("strace to have counted", async () => {
        const text = await readFile(file, "utf8").catch(() => "");
        const names = [...text.matchAll(/^ *[\d.]+(?: +[\d.]+){3,4} +(?<name>\w+)$/gmu)];
        return /^-+.*total$/msu.test(text)
          ? names.map(({ groups }) => groups!["name"]!)
          : undefined;
      });
      expect(made.length).toBeGreaterThan(30);
      const allowed = allowedCalls();
      expect(made.filter((name) => name !== "total" && !allowed.has(name))).toEqual([]);
    },
    LONG_MS,
  );
});

describe("phi.service and phi.env", () => {
  test("name only variables that phi monitor knows, in the example behind a # too", () => {
    const program = new Command();
    addMonitor(program, async () => {});
    const known = program.commands[0]!.options.flatMap(({ envVar }) => envVar ?? []);
    const given = [...example.matchAll(/^#?(?<name>[A-Z_]+)=/gmu)].map(
      ({ groups }) => groups!["name"]!,
    );
    expect(new Set(given).size).toBeGreaterThan(10);
    expect(given.filter((name) => !known.includes(name))).toEqual([]);
    expect(valuesOf("Environment").map((text) => text.split("=")[0])).toEqual(["DATA_DIR"]);
  });

  test("what it may write to is its own directory, where nothing is run", () => {
    expect(valuesOf("ProtectSystem")).toEqual(["strict"]);
    expect(valuesOf("StateDirectory")).toEqual(["phi"]);
    expect(valuesOf("ReadWritePaths")).toEqual([]);
    expect(valuesOf("Environment")).toEqual(["DATA_DIR=/var/lib/phi"]);
    expect(valuesOf("NoExecPaths")[0]).toContain("/var/lib/phi");
    expect(valuesOf("CapabilityBoundingSet")).toEqual([""]);
  });

  test("a misuse is not tried again, and SIGHUP is a reload", () => {
    expect(valuesOf("Restart")).toEqual(["on-failure"]);
    expect(valuesOf("RestartPreventExitStatus")).toEqual(["2"]);
    // One that comes before phi hears signals ends it, which is no clean end to stay down after.
    expect(valuesOf("RestartForceExitStatus")).toEqual(["SIGHUP"]);
    expect(valuesOf("ExecReload")).toEqual(["/bin/kill -HUP $MAINPID"]);
  });
});
