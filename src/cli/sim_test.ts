import { expect, test } from "bun:test";
import type { ListenOptions } from "../bun/mod.ts";
import { VirtualTime } from "../../test/kit/virtual_time.ts";
import type { Bind } from "./bind.ts";
import { runSim } from "./sim.ts";

/** A world in which the ports of `taken` cannot be had. */
function makeWorld(taken: readonly number[] = []) {
  const lines: string[] = [];
  const names: string[] = [];
  const listening = new Map<number, ListenOptions>();
  const stop = Promise.withResolvers<string>();
  const grants = {
    random: () => 0,
    timers: new VirtualTime(),
    listen: ({ port }: Bind, _: unknown, options: ListenOptions) => {
      if (taken.includes(port)) return { ok: false, detail: `no port ${port}` } as const;
      listening.set(port, options);
      const close = async () => void listening.delete(port);
      return { ok: true, listener: { port, stop: close } } as const;
    },
    renameProcess: (name: string) => void names.push(name),
    shutdownRequested: () => stop.promise,
    output: {
      data: (line: string) => void lines.push(line),
      say: (line: string) => void lines.push(line),
    },
  };
  return { grants, lines, names, listening, stop: () => stop.resolve("SIGTERM") };
}

test("runSim() listens on every port under its own process name until it is told to stop", async () => {
  const { grants, lines, names, listening, stop } = makeWorld();
  const exit = runSim({ port: "8081..8083", bind: "127.0.0.1" }, grants);
  expect([...listening.keys()]).toEqual([8081, 8082, 8083]);
  expect(names).toEqual(["phi-sim"]);
  expect(lines).toEqual(["phi-sim: 3 simulated servers on 127.0.0.1, port 8081..8083"]);
  stop();
  expect(await exit).toBe(0);
  expect(listening.size).toBe(0);
});

test("runSim() never ends a connection because it is idle", async () => {
  const { grants, listening, stop } = makeWorld();
  const exit = runSim({ port: "8081", bind: "127.0.0.1" }, grants);
  expect(listening.get(8081)).toEqual({ idleTimeoutSeconds: 0 });
  stop();
  await exit;
});

test("runSim() keeps no port if it cannot have all of them", async () => {
  const { grants, lines, listening } = makeWorld([8082]);
  expect(await runSim({ port: "8081..8083", bind: "127.0.0.1" }, grants)).toBe(1);
  expect(lines).toEqual(["phi: no port 8082"]);
  expect(listening.size).toBe(0);
});

test("runSim() refuses ports that are none, and starts nothing", async () => {
  const { grants, lines, names } = makeWorld();
  expect(await runSim({ port: "8090..8081", bind: "127.0.0.1" }, grants)).toBe(2);
  expect(lines).toEqual(["phi: --port takes different ports, as 8081 or 8081..8090 or 8081,8085"]);
  expect(names).toEqual([]);
});
