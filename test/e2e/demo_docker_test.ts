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

const START_MS = 90_000;
const A_CONTAINER = "echo 0123456789ab";
/** docker-compose 1.29 lists it without -a, too. */
const AN_ENDED_CONTAINER = `case " $* " in *" -a "* | *" -p "*) ${A_CONTAINER} ;; esac`;
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
  /** They get it only when this file comes to be in the folder, and then delete that. */
  readonly takenAt?: string;
}

/** `make run` without its make, in a network of its own. */
function startRun({
  docker,
  folder = demoFolder(),
  args = [],
  taken,
  takenAt,
}: RunOptions): Running {
  let squat = `Bun.listen({ hostname: "127.0.0.1", port: ${taken}, socket: { data() {} } });`;
  if (takenAt !== undefined) squat = onceThereIs(takenAt, squat);
  const code = `${taken === undefined ? "" : squat} await import("${script("run.ts")}");`;
  const enter = `ip link set lo up && cd "${folder}" && exec "$@"`;
  const command = ["unshare", "-n", "sh", "-c", enter, "sh", process.execPath, "-e", code, "--"];
  return start(args, { command, env: { PATH: docker.path, TMPDIR: scratchOf(folder) } });
}

/** Code that waits for a file in the background, runs `code` and deletes the file. */
function onceThereIs(file: string, code: string): string {
  return `
    const { existsSync, rmSync } = require("node:fs");
    const look = setInterval(() => {
      if (!existsSync("${file}")) return;
      clearInterval(look);
      ${code}
      rmSync("${file}");
    }, 10);`;
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
      await running.drained;
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

  testInNamespace(
    "names the demo that came up while the image was built, and lets it be",
    async () => {
      const docker = fakeDocker({
        build: "touch building; while [ -e building ]; do sleep 0.02; done",
        ps: A_CONTAINER,
      });
      const running = startRun({ docker, taken: 8081, takenAt: "building" });
      expect(await running.exited).toBe(1);
      await running.drained;
      expect(running.stderr()).toBe(
        "make run: port 8081 of 127.0.0.1 is in use: a demo runs already; `make docker-compose-down` stops it\n",
      );
      expect(docker.calls.filter((call) => / (?:up|down) /u.test(call))).toEqual([]);
    },
  );

  testInNamespace("--local names the demo in containers that has its ports", async () => {
    const running = startRun({
      docker: fakeDocker({ ps: A_CONTAINER }),
      args: ["--local"],
      taken: 8081,
    });
    expect(await running.exited).toBe(1);
    await running.drained;
    expect(running.stderr()).toBe(
      "make run: port 8081 of 127.0.0.1 is in use: a demo runs already; `make docker-compose-down` stops it\n",
    );
  });

  testInNamespace(
    "takes a demo in containers that has ended for none that has its ports",
    async () => {
      const running = startRun({ docker: fakeDocker({ ps: AN_ENDED_CONTAINER }), taken: 8081 });
      expect(await running.exited).toBe(1);
      await running.drained;
      expect(running.stderr()).toBe(
        "make run: port 8081 of 127.0.0.1 is in use: stop what listens there, or set PHI_DEMO_SIM_PORTS to another\n",
      );
    },
  );
});

describe("make docker-compose-down", () => {
  test("says that it stopped the containers", async () => {
    const running = startDown(fakeDocker({ ps: A_CONTAINER }));
    expect(await running.exited).toBe(0);
    await running.drained;
    expect(running.stdout()).toBe("stopped the containers\n");
  });

  test("says what is wrong if it could not, and fails", async () => {
    const running = startDown(fakeDocker({ ps: A_CONTAINER, down: FAIL }));
    expect(await running.exited).toBe(1);
    await running.drained;
    expect(running.stdout()).toBe("");
    const why = "compose down failed: Error response from daemon: no";
    expect(running.stderr()).toBe(`make docker-compose-down: ${why}\n`);
  });
});
