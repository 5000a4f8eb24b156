/**
 * The prober, attacked by what it asks: nearly all answers in memory, over the real parser and exchange, and
 * six of a thousand over real sockets. The process attacked is this one.
 */
import { Random } from "../../world/random.ts";
import { type FuzzSession, type FuzzTarget, Tally } from "../fuzz_target.ts";
import { atLeast } from "../minimum.ts";
import { openDescriptorsOf, residentBytesOf, settled } from "../process_reading.ts";
import { HostileServer } from "./hostile_server.ts";
import { type Asker, makeAskers, memoryRound } from "./memory_round.ts";
import { socketRound } from "./socket_round.ts";

const SOCKET_PROBES_PER_1000 = 6;
/** Of all answers, each half of what comes or less. */
const MINIMA = [
  // In memory: good answers, and each of the ways in which one is not.
  ...atLeast(0.1, ["ok", "protocol"]),
  ...atLeast(0.01, ["body", "reset", "status", "timeout", "too_large"]),
  // Over sockets: seven of ten are plain, and one in six of these is good.
  ...atLeast(0.000_1, ["socket ok", "socket reset", "socket timeout", "socket tls"]),
];

export const proberTarget: FuzzTarget = {
  name: "prober",
  unit: "answers",
  fullCount: 1_000_000,
  casesPerRound: 1_000,
  allowedBytesPer10k: 1024 * 1024,
  minima: MINIMA,
  async open() {
    const server = new HostileServer();
    await server.listen();
    return new ProberSession(server);
  },
};

class ProberSession implements FuzzSession {
  readonly tally = new Tally();
  readonly #server: HostileServer;
  #askers: readonly Asker[] = [];

  constructor(server: HostileServer) {
    this.#server = server;
  }

  async round(seed: number, cases: number): Promise<readonly string[]> {
    const random = new Random(seed, "prober");
    for (const { world } of this.#askers) world.close();
    this.#askers = makeAskers();
    const found = memoryRound(random.fork("memory"), cases, this.#askers, this.tally);
    const probes = Math.ceil((cases * SOCKET_PROBES_PER_1000) / 1_000);
    const sockets = await socketRound(random.fork("sockets"), probes, this.#server, this.tally);
    return [...found, ...sockets];
  }

  residentBytes(): number {
    Bun.gc(true);
    return residentBytesOf(process.pid);
  }

  openDescriptors(): number {
    return openDescriptorsOf(process.pid);
  }

  async finish(): Promise<readonly string[]> {
    await settled(() => {
      // One may be accepted after its prober has gone.
      this.#server.dropAll();
      return this.#server.openSockets === 0;
    });
    const { openSockets } = this.#server;
    return openSockets === 0 ? [] : [`${openSockets} connections to the server are left open`];
  }

  async close(): Promise<void> {
    await this.#server.close();
  }
}
