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

export interface ChaosCluster {
  readonly kind: RunnerKind;
  readonly monitors: readonly Member[];
  readonly servers: readonly Member[];
  /** Where monitors reach a server, without a path; the harness may have another way. */
  addressOf(server: string): string;
  /** Ends it as a power cut would (SIGKILL), and returns once it has ended. */
  kill(name: string): Promise<void>;
  /** Starts what was killed, with the data that it had. */
  restart(name: string): Promise<void>;
  /** From now on it does not run, and keeps its memory and its sockets. */
  pause(name: string): Promise<void>;
  resume(name: string): Promise<void>;
  /** From now on nothing gets from these to the other monitors or back; all else is as it was. */
  isolate(monitors: readonly string[]): Promise<void>;
  /** Ends every `isolate`. */
  heal(): Promise<void>;
  /** The last lines that it wrote, for people. */
  log(name: string): Promise<string>;
  /** Ends and removes all of it. May be called more than once, and while a start is under way. */
  remove(): Promise<void>;
}

/** The member of that name. Throws RangeError if there is none. */
export function memberOf({ monitors, servers }: ChaosCluster, name: string): Member {
  const member = [...monitors, ...servers].find((each) => each.name === name);
  if (member === undefined) throw new RangeError(`Cannot find member: there is no "${name}"`);
  return member;
}

/** `monitor1`, `monitor2`, ... */
export function namesOf(what: "monitor" | "server", count: number): string[] {
  return Array.from({ length: count }, (_, index) => `${what}${index + 1}`);
}
