/**
 * A cluster that scenarios do things to: monitors and simulated servers, as containers or as local
 * processes behind one face. Who is called what stays the same for as long as it exists, also when it
 * is killed and started again.
 */

export type RunnerKind = "docker" | "processes";

/** One monitor or one simulated server. */
export interface Member {
  /** `monitor1`, `server1`. */
  readonly name: string;
  /** Where the harness reaches it, without a path: `http://127.0.0.1:8000`. */
  readonly url: string;
}

/** How many of each; both >= 1. */
export interface ClusterSize {
  readonly monitors: number;
  readonly servers: number;
}

/** What a scenario needs that others do without, for all of it costs something. */
export interface Setting {
  /** Monitors beyond those that are started, for `restart` to start. */
  readonly spareMonitors?: number;
  /** So many more servers, `fleet1` to `fleetN`, that are one process: `FLEET`. */
  readonly fleetServers?: number;
  /** Whether the data of each monitor is on a file system of its own, for `fillDisk`. */
  readonly hasSmallDisks?: boolean;
  /** Whether the wall clock of each monitor can be set, by `setWallClock`. */
  readonly hasFakeClocks?: boolean;
  /** Whether monitors start as an earlier version, for `upgrade`. */
  readonly startsAsPrevious?: boolean;
}

/** Everything that decides what a cluster is made of. */
export interface ClusterPlan extends ClusterSize {
  readonly setting: Setting;
  /** The binary of the earlier version, where the setting wants it. */
  readonly previous?: string | undefined;
}

/** Which packets a monitor is cut off from, those from the others or those to them. */
export type Direction = "both" | "in" | "out";

/** The name of the process that all of the fleet's servers are. */
export const FLEET = "fleet";

export interface ChaosCluster {
  readonly kind: RunnerKind;
  /** Those that are started. */
  readonly monitors: readonly Member[];
  /** Those that are not, at first. */
  readonly spares: readonly Member[];
  readonly servers: readonly Member[];
  /** The names of the fleet's servers; empty if the setting has none. */
  readonly fleet: readonly string[];
  /** Where monitors reach a server, without a path; the harness may have another way. */
  addressOf(server: string): string;
  /** Ends it as a power cut would (SIGKILL), and returns once it has ended. */
  kill(name: string): Promise<void>;
  /** Asks it to end (SIGTERM), and returns once it has. Throws if it does not. */
  terminate(name: string): Promise<void>;
  /** Starts what was ended, with the data that it had, or a spare. */
  restart(name: string): Promise<void>;
  /** What `restart` starts from now on is this version. */
  upgrade(name: string): Promise<void>;
  /** From now on it does not run, and keeps its memory and its sockets. */
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** From now on nothing gets from these to the other monitors, or back, or both; all else is as it was. */
  isolate(monitors: readonly string[], direction: Direction): Promise<void>;
  /** From now on that share of the packets to and from a server is lost, each by chance. */
  losePackets(server: string, share: number): Promise<void>;
  /** How many packets to and from a member were dropped so far by what was done to it. */
  droppedPackets(name: string): Promise<number>;
  /** Ends every `isolate` and `losePackets`. */
  heal(): Promise<void>;
  /** From now on there is no room left on the disk of that monitor. */
  fillDisk(monitor: string): Promise<void>;
  /** Ends `fillDisk`. */
  freeDisk(monitor: string): Promise<void>;
  /** From now on its wall clock is so far from this machine's; no other clock of it is touched. */
  setWallClock(monitor: string, offsetSeconds: number): Promise<void>;
  /** The number of its process on this machine. Throws if it does not run. */
  pidOf(name: string): Promise<number>;
  /** The last lines that it wrote, for people. */
  log(name: string): Promise<string>;
  /** Ends and removes all of it. May be called more than once, and while a start is under way. */
  remove(): Promise<void>;
}

/** The member of that name. Throws RangeError if there is none. */
export function memberOf({ monitors, spares, servers }: ChaosCluster, name: string): Member {
  const member = [...monitors, ...spares, ...servers].find((each) => each.name === name);
  if (member === undefined) throw new RangeError(`Cannot find member: there is no "${name}"`);
  return member;
}

/** `monitor1`, `monitor2`, ... */
export function namesOf(what: "monitor" | "server" | typeof FLEET, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${what}${index + 1}`);
}

/** Where monitors take the fleet's servers to be: a host each, so that they are not taken for one server. */
export function fleetHost(index: number): string {
  return `10.2.0.${index + 1}:8080`;
}
