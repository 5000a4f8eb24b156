/**
 * Ports for processes that have to be told theirs. They lie below those that the system gives to
 * outgoing connections: between the look here and the process that listens, any connection of this
 * machine could else take one.
 */

const LOWEST = 10_240;
/** Linux gives outgoing connections ports from 32768 on by default, others from higher. */
const HIGHEST = 32_767;

/** What this process was given: who has one of them may not listen there yet. */
const given = new Set<number>();

/** Ports of 127.0.0.1 that were free a moment ago, each another than all that this process was given before. */
export function freePorts(count: number): number[] {
  const ports: number[] = [];
  while (ports.length < count) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (given.has(port) || !isFree(port)) continue;
    given.add(port);
    ports.push(port);
  }
  return ports;
}

function isFree(port: number): boolean {
  try {
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => {} } }).stop(true);
    return true;
  } catch {
    return false;
  }
}
