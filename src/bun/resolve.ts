/**
 * Looks host names up. The look-ups run in c-ares, on the event loop: with the system's resolver each
 * occupies one of the few threads of the pool until it answers, so that a dead name server stops
 * every other look-up, and every reading of a file, for seconds. Look-ups of one name that overlap
 * are one look-up, so that a dead name server costs at most one for each name, however long it hangs.
 */
import { isIP } from "node:net";
import type { IpAddress, Resolve, ResolveResult } from "../port.ts";

/** What `localhost` is where no hosts file says so and no name server knows it, as in a bare chroot. */
const LOOPBACK: readonly IpAddress[] = [
  { ip: "127.0.0.1", family: 4 },
  { ip: "::1", family: 6 },
];

/** The part of `Bun.dns.lookup` that is needed. */
type LookUp = (
  hostName: string,
) => Promise<readonly { readonly address: string; readonly family: number }[]>;

/** A `Resolve` over any way to look names up. */
export function makeResolve(lookUp: LookUp): Resolve {
  const pending = new Map<string, Promise<ResolveResult>>();
  return (hostName) => {
    const running = pending.get(hostName);
    if (running !== undefined) return running;
    const started = lookUpOnce(lookUp, hostName).finally(() => pending.delete(hostName));
    pending.set(hostName, started);
    return started;
  };
}

export const bunResolve: Resolve = makeResolve((hostName) =>
  Bun.dns.lookup(hostName, { backend: "c-ares" }),
);

async function lookUpOnce(lookUp: LookUp, hostName: string): Promise<ResolveResult> {
  try {
    const found = await lookUp(hostName);
    const addresses: IpAddress[] = found.map(({ address }) => ({
      ip: address,
      family: isIP(address) === 6 ? 6 : 4,
    }));
    if (addresses.length > 0) return { ok: true, addresses };
    return { ok: false, detail: `${hostName} has no address` };
  } catch (error) {
    if (hostName === "localhost") return { ok: true, addresses: LOOPBACK };
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, detail: `cannot look ${hostName} up: ${reason}` };
  }
}
