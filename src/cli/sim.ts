/**
 * `phi sim`: simulated servers in one process, one on each port, each with settings of its own. It
 * takes all of the ports or none, and runs until it is told to stop.
 */
import { createSimServer, type SimServer } from "../../sim/server.ts";
import type { Listener, ListenOptions, ListenResult } from "../bun/mod.ts";
import type { Random, Timers } from "../port.ts";
import type { Bind } from "./bind.ts";
import { EXIT_DONE, type ExitCode, fail, misuse, type Output } from "./output.ts";
import { parsePorts } from "./ports.ts";
import type { SimArguments } from "./program.ts";

export interface SimGrants {
  readonly random: Random;
  readonly timers: Timers;
  readonly listen: (
    bind: Bind,
    handler: (request: Request) => Promise<Response>,
    options: ListenOptions,
  ) => ListenResult;
  /** Gives the process another name, so that `pidof phi` finds monitors only. */
  readonly renameProcess: (name: string) => void;
  readonly shutdownRequested: () => Promise<string>;
  readonly output: Output;
}

export async function runSim(flags: SimArguments, grants: SimGrants): Promise<ExitCode> {
  const { output } = grants;
  const ports = parsePorts(flags.port);
  if (ports === undefined) {
    return misuse(output, `--port takes different ports, as 8081 or 8081..8090 or 8081,8085`);
  }
  grants.renameProcess("phi-sim");
  const stopAsked = grants.shutdownRequested();
  const servers: SimServer[] = [];
  const listeners: Listener[] = [];
  let refusal: string | undefined;
  for (const port of ports) {
    const server = createSimServer(grants);
    // A request that is never answered keeps its connection for as long as the client wants it.
    const listening = grants.listen(
      { host: flags.bind, port },
      (request) => server.fetch(request),
      { idleTimeoutSeconds: 0 },
    );
    if (!listening.ok) {
      refusal = listening.detail;
      break;
    }
    servers.push(server);
    listeners.push(listening.listener);
  }
  if (refusal === undefined) {
    const what = ports.length === 1 ? "1 simulated server" : `${ports.length} simulated servers`;
    output.say(`phi-sim: ${what} on ${flags.bind}, port ${flags.port}`);
    await stopAsked;
  }
  for (const server of servers) server.close();
  await Promise.all(listeners.map((listener) => listener.stop()));
  return refusal === undefined ? EXIT_DONE : fail(output, refusal);
}
