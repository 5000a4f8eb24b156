/** The image: what is in it, who it runs as, and that it can be asked for its health. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../kit/binary.ts";
import { buildImage, done, IMAGE, run } from "./_daemon.ts";

const LONG_MS = 120_000;
const started: string[] = [];

beforeAll(buildImage, LONG_MS);

afterAll(async () => {
  if (started.length > 0) await done(["docker", "rm", "--force", "--volumes", ...started]);
});

async function start(...args: readonly string[]): Promise<string> {
  const id = await done(["docker", "run", "--detach", "--network=none", IMAGE, ...args]);
  started.push(id);
  return id;
}

const inspect = async (format: string, of = IMAGE) =>
  await done(["docker", "inspect", "--format", format, of]);

/** What the health check says, as soon as it has asked. */
const health = (id: string) =>
  until("the health check to have asked", async () => {
    const status = await inspect("{{.State.Health.Status}}", id);
    return status === "starting" ? undefined : status;
  });

describe("the image", () => {
  test("runs the binary, not as root, with a volume for its data", async () => {
    expect(await done(["docker", "run", "--rm", IMAGE, "--version"])).toMatch(/^\d+\.\d+\.\d+$/u);
    expect(await inspect("{{.Config.User}}")).toBe("65532:65532");
    expect(JSON.parse(await inspect("{{json .Config.Volumes}}"))).toEqual({ "/data": {} });
    const ports: unknown = JSON.parse(await inspect("{{json .Config.ExposedPorts}}"));
    expect(ports).toEqual({ "7000/tcp": {}, "8000/tcp": {}, "9000/tcp": {} });
  });

  test("has no shell", async () => {
    const shell = ["docker", "run", "--rm", "--entrypoint=/bin/sh", IMAGE, "-c", "true"];
    const { code, stderr } = await run(shell);
    expect(code).not.toBe(0);
    expect(stderr).toContain("no such file");
  });

  test(
    "a monitor may write its data, is healthy, and ends on SIGTERM by itself",
    async () => {
      const id = await start("monitor");
      expect(await health(id)).toBe("healthy");
      expect(await run(["docker", "exec", id, "phi", "health"])).toMatchObject({ code: 0 });
      await done(["docker", "stop", "--time=30", id]);
      // 128 and the signal's number would mean that it was killed.
      expect(await inspect("{{.State.ExitCode}}", id)).toBe("0");
    },
    LONG_MS,
  );

  test(
    "what does not answer is not healthy",
    async () => {
      const id = await start("monitor", "--http-bind=127.0.0.1:8123");
      const asked = ["docker", "exec", id, "phi", "health"];
      expect((await run([...asked, "http://127.0.0.1:8123/nothing"])).code).toBe(1);
      expect((await run(asked)).code).toBe(1);
    },
    LONG_MS,
  );

  test("simulated servers go by another name", async () => {
    const id = await start("sim", "--port=8080");
    const name = await until("the process to be renamed", async () => {
      const [, row] = (await done(["docker", "top", id, "-o", "pid,comm"])).split("\n");
      const comm = row?.trim().split(/\s+/u)[1];
      return comm === "phi" ? undefined : comm;
    });
    expect(name).toBe("phi-sim");
  });
});
