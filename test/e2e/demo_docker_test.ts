/**
 * `make run` and `make docker-compose-down` beside a docker that is played, on the demo's own ports: in a
 * network and a folder of the test's own, so that a demo that is up is left alone.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync, readdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { PROJECT, start, stopAll, temporaryDirectory, until, type Running } from "../kit/binary.ts";
import { FakeDocker } from "../kit/fake_docker.ts";
import { testInNamespace } from "../kit/network_namespace.ts";

const START_MS = 30_000;
const A_CONTAINER = "echo 0123456789ab";
/** It stays until it is told to end. */
const FOREVER = "exec sleep 600";
const FAIL = "echo 'Error response from daemon: no' >&2; exit 1";

const fakes: FakeDocker[] = [];

function fakeDocker(answers: Readonly<Record<string, string>>): FakeDocker {
  const docker = new FakeDocker(answers);
  fakes.push(docker);
  return docker;
}

afterEach(async () => {
  await stopAll();
  for (const docker of fakes.splice(0)) docker.delete();
});

/** A folder with what the demo needs of the project's. */
function demoFolder(): string {
  const folder = temporaryDirectory();
  for (const name of ["dist", "docker", "servers.yml"])
    symlinkSync(join(PROJECT, name), join(folder, name));
  return folder;
}

/** Where programs put what they need for a while. */
function scratchOf(folder: string): string {
  const scratch = join(folder, "scratch");
  mkdirSync(scratch, { recursive: true });
  return scratch;
}

const script = (name: string) => join(PROJECT, "sim/demo", name);

interface RunOptions {
  readonly docker: FakeDocker;
  readonly folder?: string;
  readonly args?: readonly string[];
  /** A port that somebody else has. */
  readonly taken?: number;
}

/** `make run` without its make, in a network of its own. */
function startRun({ docker, folder = demoFolder(), args = [], taken }: RunOptions): Running {
  const squat = `Bun.listen({ hostname: "127.0.0.1", port: ${taken}, socket: { data() {} } });`;
  const code = `${taken === undefined ? "" : squat} await import("${script("run.ts")}");`;
  const enter = `ip link set lo up && cd "${folder}" && exec "$@"`;
  const command = ["unshare", "-n", "sh", "-c", enter, "sh", process.execPath, "-e", code, "--"];
  return start(args, { command, env: { PATH: docker.path, TMPDIR: scratchOf(folder) } });
}

/** `make docker-compose-down` without its make. */
function startDown(docker: FakeDocker): Running {
  const enter = `cd "${demoFolder()}" && exec "$@"`;
  const command = ["sh", "-c", enter, "sh", process.execPath];
  return start([script("down.ts")], { command, env: { PATH: docker.path } });
}

const isImport = (call: string) => call.startsWith("import ");

const says = (running: Running, text: string) =>
  until(`"${text}"`, () => running.stdout().includes(text) || undefined, running);

describe("make run", () => {
  testInNamespace(
    "goes on as processes where the containers do not come up",
    async () => {
      const docker = fakeDocker({ up: FAIL });
      const folder = demoFolder();
      const running = startRun({ docker, folder });
      await says(running, "log follows");
      expect(running.stdout()).toStartWith(
        "make run: building the image\n" +
          "make run: starting the containers\n" +
          "make run: as processes of this machine, because compose up failed: Error response from daemon: no\n",
      );
      expect(docker.calls.at(-1)).toContain(" down ");
      running.signal("SIGINT");
      expect(await running.exited).toBe(0);
      expect(readdirSync(join(folder, ".run"))).toEqual(["phi-sim"]);
    },
    START_MS,
  );

  testInNamespace(
    "needs no Raft port in containers, and fails if they cannot be taken down",
    async () => {
      const docker = fakeDocker({ logs: FOREVER, down: FAIL });
      const running = startRun({ docker, taken: 7000 });
      await says(running, "in containers (Docker 29.0, docker compose 2.40)\n");
      running.signal("SIGINT");
      expect(await running.exited).toBe(1);
      const why = "compose down failed: Error response from daemon: no";
      expect(running.stderr()).toBe(`make run: ${why}\n`);
    },
    START_MS,
  );

  testInNamespace("a Ctrl-C while the image is built leaves nothing of it behind", async () => {
    const docker = fakeDocker({ import: "sleep 600" });
    const folder = demoFolder();
    const running = startRun({ docker, folder });
    await until("the base image", () => docker.calls.some(isImport) || undefined);
    expect(readdirSync(scratchOf(folder))).not.toEqual([]);
    running.signal("SIGINT");
    expect(await running.exited).toBe(0);
    expect(readdirSync(scratchOf(folder))).toEqual([]);
  });

  testInNamespace("a Ctrl-C while the containers come up ends it, and is no failure", async () => {
    const docker = fakeDocker({ up: "sleep 600" });
    const running = startRun({ docker });
    await until("compose up", () => docker.calls.some((call) => / up /u.test(call)) || undefined);
    running.signal("SIGINT");
    expect(await running.exited).toBe(0);
    expect(docker.calls.at(-1)).toContain(" down ");
  });

  testInNamespace("--local names the demo in containers that has its ports", async () => {
    const running = startRun({
      docker: fakeDocker({ ps: A_CONTAINER }),
      args: ["--local"],
      taken: 8081,
    });
    expect(await running.exited).toBe(1);
    expect(running.stderr()).toBe(
      "make run: port 8081 of 127.0.0.1 is in use: a demo runs already; `make docker-compose-down` stops it\n",
    );
  });
});

describe("make docker-compose-down", () => {
  test("says that it stopped the containers", async () => {
    const running = startDown(fakeDocker({ ps: A_CONTAINER }));
    expect(await running.exited).toBe(0);
    expect(running.stdout()).toBe("stopped the containers\n");
  });

  test("says what is wrong if it could not, and fails", async () => {
    const running = startDown(fakeDocker({ ps: A_CONTAINER, down: FAIL }));
    expect(await running.exited).toBe(1);
    expect(running.stdout()).toBe("");
    const why = "compose down failed: Error response from daemon: no";
    expect(running.stderr()).toBe(`make docker-compose-down: ${why}\n`);
  });
});
