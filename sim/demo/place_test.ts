import { afterEach, describe, expect, test } from "bun:test";
import { FakeDocker } from "../../test/kit/fake_docker.ts";
import { findDocker } from "./docker.ts";
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

/** Where it is to run, and what was said. */
async function choose(
  stopAsked: Promise<typeof STOP> = new Promise(() => {}),
): Promise<{ place: Place; said: string[] }> {
  const said: string[] = [];
  const tell = (what: string) => said.push(what);
  const place = await choosePlace({ isLocal: false, environment: {}, stopAsked, tell });
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

  test("is processes where the containers do not come up, and takes down what did", async () => {
    const docker = fakeDocker({ up: NO_NETWORK });
    const { place } = await choose();
    expect(place).toEqual({
      kind: "processes",
      why: "compose up failed: failed to create network phi-demo_demo: Error response from daemon: Pool overlaps with other one",
    });
    expect(docker.calls.slice(-2)).toEqual([UP, DOWN]);
  });

  test("tells what could not be taken down, too", async () => {
    fakeDocker({ up: "echo broken >&2; exit 1", down: "echo gone >&2; exit 1" });
    const { place } = await choose();
    const why = "compose up failed: broken; compose down failed: gone";
    expect(place).toEqual({ kind: "processes", why });
  });

  test("a stop while the image is built ends that", async () => {
    const docker = fakeDocker({ build: FOREVER });
    const { place } = await choose(stopAt(docker, "build"));
    expect(place).toEqual({ kind: "stopped", trouble: undefined });
    expect(docker.calls).not.toContain(UP);
  });

  test("a stop while the containers come up ends that, and takes them down", async () => {
    const docker = fakeDocker({ up: FOREVER });
    const { place } = await choose(stopAt(docker, UP));
    expect(place).toEqual({ kind: "stopped", trouble: undefined });
    expect(docker.calls.slice(-2)).toEqual([UP, DOWN]);
  });
});

test("Docker.hasContainers() counts one that has ended, and was not taken down", async () => {
  fakeDocker({ ps: 'case " $* " in *" -a "*) echo 0123456789ab ;; esac' });
  const found = await findDocker();
  expect(found.ok && (await found.docker.hasContainers())).toBe(true);
});
