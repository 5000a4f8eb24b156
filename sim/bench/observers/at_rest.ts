/**
 * Five monitors' observers at rest in one process, over real connections that are authenticated by a secret: all
 * the work of telling, hearing and judging, and none of watching. Arguments are the number of targets and the
 * seconds to measure. Prints the share of a core that each takes, and the bytes of one full view, as JSON.
 */
import {
  bunClock,
  bunPeerCrypto,
  bunRandom,
  bunTimers,
  createPeerSockets,
} from "../../../src/bun/mod.ts";
import { NO_DOUBTS, Observers } from "../../../src/observers/mod.ts";
import { PeerTransport } from "../../../src/peer/mod.ts";
import { upWatches } from "./watches.ts";

const OBSERVERS = ["a", "b", "c", "d", "e"];
const [targetCount, seconds] = process.argv.slice(2).map(Number);
/** Everything has been told twice by then, and is compiled. */
const WARM_UP_MS = 12_000;
const auth = {
  mode: "secret",
  secret: new TextEncoder().encode("a secret of more than 16 bytes"),
} as const;

interface Monitor {
  readonly transport: PeerTransport;
  readonly observers: Observers;
}

const addresses = new Map<string, string>();
let fullViewBytes = 0;

async function startMonitor(id: string): Promise<Monitor> {
  const transport = new PeerTransport({
    id,
    clusterId: "bench",
    auth,
    sockets: createPeerSockets(),
    crypto: bunPeerCrypto,
    timers: bunTimers,
    random: bunRandom,
    admitJoiner: (_address, ips) => ({ ok: true, ips }),
    onMessages: () => {},
    onUnreachable: () => {},
    onExchange: (from, bytes) => observers.receive(from, bytes),
    onExchangeOpen: (peer) => observers.opened(peer),
  });
  const listening = await transport.listen({ host: "127.0.0.1", port: 0 });
  if (!listening.ok) throw new Error(listening.detail);
  addresses.set(id, `127.0.0.1:${listening.listener.port}`);
  const observers = new Observers({
    self: id,
    monitor: upWatches(targetCount!),
    members: () => OBSERVERS,
    doubts: NO_DOUBTS,
    wire: {
      broadcast: (bytes) => transport.broadcast(bytes),
      exchange: (peer, bytes) => {
        // Nobody tells one peer alone anything but everything.
        if (id === "a" && peer === "b") fullViewBytes += bytes.length;
        transport.exchange(peer, bytes);
      },
    },
    clock: bunClock,
    timers: bunTimers,
    run: OBSERVERS.indexOf(id),
  });
  return { transport, observers };
}

const monitors: Monitor[] = [];
for (const id of OBSERVERS) monitors.push(await startMonitor(id));
for (const { transport } of monitors) transport.setPeers(addresses, 1);
await Bun.sleep(WARM_UP_MS);
fullViewBytes = 0;
monitors[0]!.observers.opened("b");
await Bun.sleep(500);

const before = process.cpuUsage();
const startMs = performance.now();
await Bun.sleep(seconds! * 1_000);
const { user, system } = process.cpuUsage(before);
const wallMs = performance.now() - startMs;

let upCount = 0;
for (const { observers } of monitors) {
  for (let index = 0; index < targetCount!; index += 97) {
    const combined = observers.combined(`server-${String(index).padStart(8, "0")}`);
    if (combined?.verdict !== "up" || combined.votes.length !== OBSERVERS.length) {
      throw new Error(`target ${index} is ${combined?.verdict} by ${combined?.votes.length}`);
    }
    upCount++;
  }
  observers.close();
}
await Promise.all(monitors.map(({ transport }) => transport.close()));
const coreShare = (user + system) / 1_000 / wallMs / OBSERVERS.length;
console.log(JSON.stringify({ coreShare, fullViewBytes, checked: upCount }));
