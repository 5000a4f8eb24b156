/** `phi sim`, the compiled binary, on real sockets. */
import { afterEach, describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { freePorts } from "../../sim/free_ports.ts";
import { answers, control, run, start, startServers, stopAll, until } from "../kit/binary.ts";
import { needs } from "../kit/needs.ts";

afterEach(stopAll);

const hasPidof = process.platform === "linux" && needs("pidof");

/** Connections that stand, seen from the server's side. */
function connectionCount(port: number): number {
  const local = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync("/proc/net/tcp", "utf8")
    .split("\n")
    .map((line) => line.trim().split(/\s+/u))
    .filter((fields) => fields[1]?.endsWith(local) && fields[3] === "01").length;
}

function pidsOf(name: string): string[] {
  return Bun.spawnSync(["pidof", name]).stdout.toString().trim().split(" ");
}

describe("phi sim", () => {
  test("serves each port with settings of its own", async () => {
    const { ports } = await startServers(3);
    await control(ports[1]!, { status: 503 });
    const statuses = await Promise.all(
      ports.map(async (port) => (await fetch(`http://127.0.0.1:${port}/heartbeat`)).status),
    );
    expect(statuses).toEqual([200, 503, 200]);
  });

  test("a port in use is one line that names it, and exit 1; no other port is kept", async () => {
    const { ports } = await startServers(1);
    const [free] = freePorts(1);
    const { code, stdout, stderr } = await run(["sim", "--port", `${free},${ports[0]}`]);
    expect(code).toBe(1);
    expect(stdout).toBe("");
    expect(stderr).toBe(`phi: cannot listen on 127.0.0.1:${ports[0]}: the port is in use\n`);
    expect(await answers(`http://127.0.0.1:${free}/control`)).toBeUndefined();
  });

  test("ports that are none are one line, and exit 2", async () => {
    const { code, stderr } = await run(["sim", "--port", "8090..8081"]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^phi: --port takes [^\n]*\n$/u);
  });

  test.each(["SIGTERM", "SIGINT"] as const)(
    "%s ends it, with a request held and another on its way that would take a minute",
    async (signal) => {
      const { running, ports } = await startServers(2);
      await control(ports[0]!, { dropRate: 1 });
      await control(ports[1]!, { delay: 60 });
      const held = ports.map(async (port) => {
        try {
          await fetch(`http://127.0.0.1:${port}/heartbeat`);
          return "answered";
        } catch {
          return "ended";
        }
      });
      await Bun.sleep(100);
      const beforeMs = performance.now();
      running.signal(signal);
      expect(await running.exited).toBe(0);
      // It waited for neither.
      expect(performance.now() - beforeMs).toBeLessThan(30_000);
      await Promise.all(held);
      await running.drained;
      expect(running.stderr()).not.toContain("rror");
    },
  );

  test.skipIf(process.platform !== "linux")(
    "frees the connection of a request whose client has gone",
    async () => {
      const { ports } = await startServers(1);
      await control(ports[0]!, { dropRate: 1 });
      const clients = Array.from({ length: 200 }, () => {
        const client = new AbortController();
        const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
        fetch(url, { signal: client.signal }).catch(() => {});
        return client;
      });
      await until("the requests to arrive", () => connectionCount(ports[0]!) >= 200 || undefined);
      for (const client of clients) client.abort();
      await until("the end of them", () => connectionCount(ports[0]!) <= 1 || undefined);
      await control(ports[0]!, { dropRate: 0 });
      expect(await answers(`http://127.0.0.1:${ports[0]}/heartbeat`)).toBe(true);
    },
  );

  test.skipIf(!hasPidof)(
    "runs under the name phi-sim, so that pidof phi finds monitors only",
    async () => {
      const { running } = await startServers(1);
      const [http] = freePorts(1);
      const monitor = start(["monitor", `--http-bind=127.0.0.1:${http}`]);
      await until("the monitor", () => answers(`http://127.0.0.1:${http}/healthz`));
      expect(pidsOf("phi")).toContain(String(monitor.pid));
      expect(pidsOf("phi")).not.toContain(String(running.pid));
      expect(pidsOf("phi-sim")).toContain(String(running.pid));
    },
  );
});
