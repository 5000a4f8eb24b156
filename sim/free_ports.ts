/**
 * Ports for processes that have to be told theirs. They lie below those that the system gives to
 * outgoing connections: between the look here and the process that listens, any connection of this
 * machine could else take one.
 */

const LOWEST = 10_240;
/** Linux gives outgoing connections ports from 32768 on by default, others from higher. */
const HIGHEST = 32_767;

/** Ports of 127.0.0.1 that were free a moment ago, each another. */
export function freePorts(count: number): number[] {
  const listeners = new Map<number, Bun.TCPSocketListener>();
  while (listeners.size < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    const listener = listeners.has(port) ? undefined : listenAt(port);
    if (listener !== undefined) listeners.set(port, listener);
  }
  for (const listener of listeners.values()) listener.stop(true);
  return [...listeners.keys()];
}

/** Undefined where somebody else listens. */
function listenAt(port: number): Bun.TCPSocketListener | undefined {
  try {
    return Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => {} } });
  } catch {
    return undefined;
  }
}
