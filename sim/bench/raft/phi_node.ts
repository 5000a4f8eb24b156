/**
 * One member of the bench's cluster, as a process: real storage, real TCP. Its argument is a
 * `PhiNodeOptions` as JSON; it prints the port of its HTTP face. That answers etcd's own
 * `POST /v3/kv/put`, so that one client can ask both the same, `GET /role`, and `POST /lateness`.
 */
import { bunRandom, openRaftStorage } from "../../../src/bun/mod.ts";
import { firstSnapshot, membershipOf, RaftMember } from "../../../src/raft/mod.ts";
import { KeyValueState, putCommand } from "./key_value.ts";
import { measureLateness } from "./lateness.ts";
import { TcpTransport } from "./tcp_transport.ts";

export interface PhiNodeOptions {
  readonly id: string;
  readonly directory: string;
  /** Where each member listens for the others. */
  readonly ports: Readonly<Record<string, number>>;
  /** Whether the storage has no thread of its own. */
  readonly inThread: boolean;
}

/** As etcd's `--heartbeat-interval`; an election takes ten of them in both. */
const TICK_MS = 100;
const CLUSTER = "bench";

const { id, directory, ports, inThread } = JSON.parse(process.argv[2]!) as PhiNodeOptions;
const membership = membershipOf(
  Object.entries(ports).map(([member, port]) => ({ id: member, address: `127.0.0.1:${port}` })),
);
const opened = await openRaftStorage({
  directory,
  id,
  clusterId: CLUSTER,
  firstSnapshot: firstSnapshot(membership, new Uint8Array()),
  inThread,
});
if (!opened.ok) throw new Error(opened.error.detail);

const member: RaftMember = new RaftMember(
  { clusterId: CLUSTER, id, random: bunRandom },
  opened.stored,
  {
    storage: opened.storage,
    transport: new TcpTransport({ id, ports, onMessage: (message) => member.receive(message) }),
    stateMachine: new KeyValueState(),
    soon: setImmediate,
    onHalt: (reason) => {
      throw new Error(reason);
    },
  },
);
setInterval(() => member.tick(), TICK_MS);

async function put(request: Request): Promise<Response> {
  const { key, value } = (await request.json()) as { key: string; value: string };
  const command = putCommand(Uint8Array.fromBase64(key), Uint8Array.fromBase64(value));
  return new Promise((resolve) => {
    member.propose(command, (outcome) => {
      if (outcome.kind === "committed") resolve(Response.json({ revision: outcome.index }));
      else resolve(Response.json(outcome, { status: 503 }));
    });
  });
}

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  routes: {
    "/v3/kv/put": { POST: put },
    "/role": () => Response.json(member.status().role),
    "/lateness": {
      POST: async (request) => {
        const { proposers, seconds } = (await request.json()) as {
          proposers: number;
          seconds: number;
        };
        return Response.json(await measureLateness(member, proposers, seconds));
      },
    },
  },
});
console.log(server.port);
