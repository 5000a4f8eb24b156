import { afterEach, describe, expect, test } from "bun:test";
import { FakeDocker } from "../../test/kit/fake_docker.ts";
import { type Docker, findDocker } from "./docker.ts";
import { choosePlace, type Place } from "./place.ts";
import { STOP } from "./stop_requested.ts";

const realPath = process.env["PATH"];
const fakes: FakeDocker[] = [];

function fakeDocker(answers: Readonly<Record<string, string>> = {}): FakeDocker {
  const docker = new FakeDocker(answers);
  fakes.push(docker);
  process.env["PATH"] = docker.path;
  return docker;
}

afterEach(() => {
  process.env["PATH"] = realPath;
  for (const docker of fakes.splice(0)) docker.delete();
});

const UP = "compose -p phi-demo up -d --no-build";
const DOWN = "compose -p phi-demo down --volumes --timeout 5";
const FOREVER = "sleep 600";
const NO_NETWORK = `cat >&2 <<END
 Network phi-demo_demo  Error
failed to create network phi-demo_demo: Error response from daemon: Pool overlaps with other one
END
exit 1`;
const ALLOCATED = `cat >&2 <<END
Creating phi-demo_server1_1 ... error

ERROR: for phi-demo_server1_1  Cannot start service server1: port is already allocated

ERROR: for server1  Cannot start service server1: port is already allocated
ERROR: Encountered errors while bringing up the project.
END
exit 1`;

interface Circumstances {
  readonly stopAsked?: Promise<typeof STOP>;
  readonly findObstacle?: () => Promise<string | undefined>;
}

/** Where it is to run, and what was said. */
async function choose({
  stopAsked = new Promise(() => {}),
  findObstacle = async () => undefined,
}: Circumstances = {}): Promise<{ place: Place; said: string[] }> {
  const said: string[] = [];
  const tell = (what: string) => said.push(what);
  const isLocal = false;
  const place = await choosePlace({ isLocal, environment: {}, stopAsked, tell, findObstacle });
  return { place, said };
}

/** Once docker is at a command that begins so. */
async function stopAt(docker: FakeDocker, command: string): Promise<typeof STOP> {
  // One look after the other.
  while (!docker.calls.some((call) => call.startsWith(command))) await Bun.sleep(10);
  return STOP;
}

describe("choosePlace()", () => {
  test("is containers, which are up, where Docker works, and says what takes long", async () => {
    const docker = fakeDocker();
    const { place, said } = await choose();
    expect(place).toMatchObject({ kind: "containers", why: "Docker 29.0, docker compose 2.40" });
    expect(said).toEqual(["building the image", "starting the containers"]);
    expect(docker.calls.at(-1)).toBe(UP);
  });

  test("is processes where the image cannot be built, and says why", async () => {
    const docker = fakeDocker({
      build: "echo 'ERROR: no space left' >&2; echo 'View details: https://...' >&2; exit 1",
    });
    const { place } = await choose();
    const why = "the image cannot be built: ERROR: no space left";
    expect(place).toEqual({ kind: "processes", why });
    expect(docker.calls).not.toContain(UP);
  });

  test("is refused where something has come in the way by the time the image is built", async () => {
    const docker = fakeDocker();
    const isBuilt = () => docker.calls.some((call) => call.startsWith("build "));
    const { place } = await choose({
      findObstacle: async () => (isBuilt() ? "a demo runs already" : undefined),
    });
    expect(place).toEqual({ kind: "refused", why: "a demo runs already" });
    // What is up is another's: it is neither joined nor taken down.
    expect(docker.calls.filter((call) => call === UP || call === DOWN)).toEqual([]);
  });

  test("is processes where the containers do not come up, and takes down what did", async () => {
    const docker = fakeDocker({ up: NO_NETWORK });
    const { place } = await choose();
    expect(place).toEqual({
      kind: "processes",
      why: "compose up failed: failed to create network phi-demo_demo: Error response from daemon: Pool overlaps with other one",
    });
    expect(docker.calls.slice(-2)).toEqual([UP, DOWN]);
  });

  test("says what docker-compose 1.29 complains of, not that it does", async () => {
    fakeDocker({ up: ALLOCATED });
    const { place } = await choose();
    const why =
      "compose up failed: ERROR: for server1  Cannot start service server1: port is already allocated";
    expect(place).toEqual({ kind: "processes", why });
  });

  test("tells what could not be taken down, too", async () => {
    fakeDocker({ up: "echo broken >&2; exit 1", down: "echo gone >&2; exit 1" });
    const { place } = await choose();
    const why = "compose up failed: broken; compose down failed: gone";
    expect(place).toEqual({ kind: "processes", why });
  });

  test("a stop while the image is built ends that", async () => {
    const docker = fakeDocker({ build: FOREVER });
    const { place } = await choose({ stopAsked: stopAt(docker, "build") });
    expect(place).toEqual({ kind: "stopped", trouble: undefined });
    expect(docker.calls).not.toContain(UP);
  });

  test("a stop while the containers come up ends that, and takes them down", async () => {
    const docker = fakeDocker({ up: FOREVER });
    const { place } = await choose({ stopAsked: stopAt(docker, UP) });
    expect(place).toEqual({ kind: "stopped", trouble: undefined });
    expect(docker.calls.slice(-2)).toEqual([UP, DOWN]);
  });
});

async function dockerWhose(ps: string): Promise<Docker> {
  fakeDocker({ ps });
  const found = await findDocker();
  if (!found.ok) throw new Error(found.why);
  return found.docker;
}

describe("Docker", () => {
  test("hasContainers() counts one that has ended, and was not taken down; isUp() does not", async () => {
    // docker-compose 1.29 lists it without -a, too.
    const ended = await dockerWhose(
      'case " $* " in *" -a "* | *" -p "*) echo 0123456789ab ;; esac',
    );
    expect(await ended.hasContainers()).toBe(true);
    expect(await ended.isUp()).toBe(false);
  });

  test("isUp() and hasContainers() count one that runs", async () => {
    const running = await dockerWhose("echo 0123456789ab");
    expect(await running.hasContainers()).toBe(true);
    expect(await running.isUp()).toBe(true);
  });
});
