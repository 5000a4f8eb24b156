/**
 * Brings a cluster that was just started to where scenarios begin: the monitors agree on a leader, the
 * servers are in the config, and every monitor calls all of them up. What is missing is said with what
 * the monitors wrote.
 */
import type { ChaosCluster, Member } from "./cluster.ts";
import { ask, readCluster, readTargets } from "./monitor_api.ts";

const READY_WITHIN_MS = 30_000;
const ASK_MS = 2_000;
const LOOK_EVERY_MS = 100;

/** Of the servers as targets: from here on one is down, and from half of it suspect. */
export const THRESHOLD = 16;
export const SUSPECT_PHI = THRESHOLD / 2;

const INTERVAL_MS = 500;
/** A hundred servers are asked half as often, so that the scenario is of them and not of a lack of processors. */
const FLEET_INTERVAL_MS = 1_000;

/** A server as a target: asked twice a second it is down after some 2.3 s of silence, once a second after 2.8 s. */
export function serverTarget(name: string, address: string, intervalMs = INTERVAL_MS): object {
  return {
    name,
    url: `${address}/heartbeat`,
    intervalMillis: intervalMs,
    timeoutMillis: 2_000,
    monitor: {
      threshold: THRESHOLD,
      minStdDeviationMillis: 250,
      firstHeartbeatEstimateMillis: intervalMs,
    },
  };
}

/** Throws an error that says what did not come about, and what the monitors wrote. */
export async function makeReady(cluster: ChaosCluster, signal: AbortSignal): Promise<void> {
  await until(cluster, signal, () => hasQuorum(cluster.monitors));
  await until(cluster, signal, () => isSeeded(cluster));
  await until(cluster, signal, () => allUp(cluster));
}

/** Later, after something was done to it: these monitors are a whole cluster, and nobody else is in it. */
export async function awaitWhole(
  cluster: ChaosCluster,
  members: readonly Member[],
  signal: AbortSignal,
): Promise<void> {
  await until(cluster, signal, () => hasQuorum(members));
}

/** Undefined once it is so, else what is missing. */
type Look = () => Promise<string | undefined>;

async function until(cluster: ChaosCluster, signal: AbortSignal, look: Look): Promise<void> {
  const endMs = performance.now() + READY_WITHIN_MS;
  let missing = await look();
  while (missing !== undefined) {
    signal.throwIfAborted();
    if (performance.now() > endMs) throw new Error(`${missing}\n${await logs(cluster)}`);
    await Bun.sleep(LOOK_EVERY_MS);
    missing = await look();
  }
}

async function logs(cluster: ChaosCluster): Promise<string> {
  const texts = cluster.monitors.map(
    async ({ name }) => `--- ${name} wrote:\n${await cluster.log(name)}`,
  );
  return (await Promise.all(texts)).join("\n");
}

/** A lone monitor has nobody to agree with. */
async function hasQuorum(monitors: readonly Member[]): Promise<string | undefined> {
  for (const { name, url } of monitors) {
    if (monitors.length === 1) {
      const health = await ask(`${url}/healthz`, ASK_MS);
      if (!health.ok) return `${name} does not answer: ${health.detail}`;
      continue;
    }
    const cluster = await readCluster(url, ASK_MS);
    if (typeof cluster === "string") return `${name} is in no cluster: ${cluster}`;
    if (!cluster.quorum || cluster.leader === null) return `${name} has no quorum`;
    const voters = cluster.members.filter(({ role }) => role === "voter").length;
    if (voters !== monitors.length) {
      return `${name} sees ${voters} voters instead of ${monitors.length}`;
    }
  }
  return undefined;
}

async function isSeeded(cluster: ChaosCluster): Promise<string | undefined> {
  const { servers, fleet } = cluster;
  const targets = [
    ...servers.map((server) => serverTarget(server.name, cluster.addressOf(server.name))),
    ...fleet.map((server) => serverTarget(server, cluster.addressOf(server), FLEET_INTERVAL_MS)),
  ];
  const { name, url } = cluster.monitors[0]!;
  const answer = await ask(`${url}/config`, ASK_MS, {
    method: "POST",
    headers: { "content-type": "application/json", "if-match": "*" },
    body: JSON.stringify({ servers: targets }),
  });
  if (answer.ok && answer.status === 200) return undefined;
  return `${name} took no config: ${answer.ok ? answer.text : answer.detail}`;
}

/** By their names. */
export function targetsOf({ servers, fleet }: ChaosCluster): string[] {
  return [...servers.map(({ name }) => name), ...fleet];
}

async function allUp(cluster: ChaosCluster): Promise<string | undefined> {
  for (const { name, url } of cluster.monitors) {
    const why = await whyNotUp(url, targetsOf(cluster));
    if (why !== undefined) return `${name} calls ${why}`;
  }
  return undefined;
}

/** The first of these targets that the monitor does not call up, or holds for down together with the others. */
export async function whyNotUp(
  monitorUrl: string,
  names: readonly string[],
): Promise<string | undefined> {
  const targets = new Map(
    (await readTargets(monitorUrl, ASK_MS))?.map((target) => [target.name, target]),
  );
  for (const name of names) {
    const { verdict, combined } = targets.get(name) ?? { verdict: "nothing", combined: "nothing" };
    if (verdict !== "up") return `${name} ${verdict}`;
    if (combined === "down") return `${name} ${combined} together with the others`;
  }
  return undefined;
}
