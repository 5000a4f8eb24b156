/**
 * The demo's servers and three monitors that watch them, on ports of this test: for looking at what the page and
 * `phi top` make of it.
 */
import { type Monitor, startCluster } from "./cluster.ts";
import { control, PROJECT, startServers } from "./binary.ts";
import { freePorts } from "../../sim/free_ports.ts";

export interface WatchedServers {
  readonly monitors: readonly Monitor[];
  /** `settings` for the server of this number, from 1. */
  readonly control: (number: number, settings: Record<string, unknown>) => Promise<void>;
}

/** The server that the third monitor alone cannot reach. */
export const CUT_OFF = 3;

/** monitor1, monitor2 and monitor3 on server1 to server9 and test4, of which all but one are well. */
export async function watchServers(): Promise<WatchedServers> {
  const { ports } = await startServers(10);
  const [nobody] = freePorts(1);
  const monitors = await startCluster(3, (letter) => {
    const number = "abc".indexOf(letter) + 1;
    const lead = (port: number, index: number) =>
      `--connect-to=10.1.0.${101 + index}:8080=127.0.0.1:${number === 3 && index + 1 === CUT_OFF ? nobody : port}`;
    const seeds = number === 1 ? [`--config=${PROJECT}servers.yml`] : [];
    return { id: `monitor${number}`, flags: [...ports.map(lead), ...seeds] };
  });
  return {
    monitors,
    control: (number, settings) => control(ports[number - 1]!, settings),
  };
}
