/**
 * Joining, as the flags have it: finds out which cluster it is, and later, when this monitor listens for its
 * peers, asks to be let in and waits until the cluster has told it what it knows.
 */
import { askToJoin, type ClusterNode, findCluster, type JoinGrants } from "../../cluster/mod.ts";
import type { Timers } from "../../port.ts";
import { isMember } from "../../raft/mod.ts";
import type { MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import type { MemberGrants } from "./grants.ts";

/** As much of a node as joining needs. */
export interface JoiningNode {
  readonly member: Pick<ClusterNode["member"], "status">;
  readonly status: () => Pick<ReturnType<ClusterNode["status"]>, "clusterId">;
}

type JoiningGrants = Pick<MemberGrants, "fetch" | "timers" | "signal" | "tell">;

type Joined = { readonly ok: true } | { readonly ok: false; readonly detail: string };

const LOOK_AGAIN_MS = 20;
/** Who was let in may have been taken out again before it heard anything, and then nobody would tell it. */
const ASK_AGAIN_MS = 10_000;

/** The cluster of the monitor at `join`, in which `id` must not be a member: `datadir` has none of its data. */
export async function findClusterToJoin(
  join: string,
  id: string,
  datadir: string,
  credentials: Credentials,
  grants: MemberGrants,
): Promise<
  | { readonly ok: true; readonly clusterId: string }
  | { readonly ok: false; readonly detail: string }
> {
  const cluster = await findCluster(targetOf(join, credentials), joinGrants(grants));
  if (!cluster.ok) return { ok: false, detail: `cannot join: ${cluster.detail}` };
  const { clusterId, members } = cluster.answer;
  if (!members.some((member) => member.id === id)) return { ok: true, clusterId };
  const detail =
    `"${id}" is a member of that cluster already, and ${datadir} has none of its data: what it ` +
    "agreed to may be lost. Remove it (DELETE /cluster/members/ID), and take another --id here";
  return { ok: false, detail };
}

/**
 * One that has been told of no membership has yet to be let in. `address` is where its peers reach it. They may
 * tell it unasked, where it was let in before: then nobody has to answer it any more.
 */
export async function becomeMember(
  flags: MonitorArguments,
  address: string,
  credentials: Credentials,
  node: JoiningNode,
  grants: JoiningGrants,
): Promise<Joined> {
  const { join } = flags;
  const { membership, id } = node.member.status();
  if (isMember(membership, id) || membership.voters.length > 0) return { ok: true };
  if (join === undefined) {
    const detail =
      "it has not been let into its cluster yet: start it with --join as the first time";
    return { ok: false, detail };
  }
  const told = new AbortController();
  const stopLooking = onceTold(node, grants.timers, () => told.abort());
  const signal = AbortSignal.any([grants.signal, told.signal]);
  const refused = await askUntilRefused({ ...flags, join }, address, credentials, node, {
    ...grants,
    signal,
  });
  stopLooking();
  return isTold(node) ? { ok: true } : refused;
}

/** Ends where there is no use in asking, or nobody wants to know any more. */
async function askUntilRefused(
  { join, datadir }: MonitorArguments & { readonly join: string },
  address: string,
  credentials: Credentials,
  node: JoiningNode,
  grants: JoiningGrants,
): Promise<Joined> {
  const { id } = node.member.status();
  // Where the first attempt went to another cluster, its members would refuse this one again and again.
  const cluster = await findCluster(targetOf(join, credentials), joinGrants(grants));
  if (!cluster.ok) return { ok: false, detail: `cannot join: ${cluster.detail}` };
  const [found, begun] = [cluster.answer.clusterId, node.status().clusterId];
  if (found !== begun) return { ok: false, detail: otherCluster(join, found, datadir, begun) };
  grants.tell("info", `asks ${join} to be let into the cluster, as ${id} at ${address}`);
  for (let wasLetIn = false; ; wasLetIn = true) {
    const asked = await askToJoin(targetOf(join, credentials), { id, address }, joinGrants(grants));
    if (!asked.ok) return { ok: false, detail: `cannot join: ${asked.detail}` };
    await silence(ASK_AGAIN_MS, grants);
    if (wasLetIn || grants.signal.aborted) continue;
    const silent = `has been told nothing for ${ASK_AGAIN_MS / 1_000} s`;
    const question = `does the leader reach it at ${address}?`;
    grants.tell("warning", `joining: was let into the cluster, and ${silent}: ${question}`);
  }
}

function otherCluster(join: string, found: string, datadir: string, begun: string): string {
  return (
    `cannot join: ${join} is of cluster ${found}, and ${datadir} was begun to join cluster ${begun}, ` +
    `of which it holds nothing yet: empty it to join ${found}`
  );
}

/** The cluster's first snapshot brings the config: until then there is nothing to watch, and nothing to show. */
function isTold({ member }: JoiningNode): boolean {
  return member.status().appliedIndex > 0;
}

/** The result ends the looking. */
function onceTold(node: JoiningNode, timers: Timers, run: () => void): () => void {
  let cancel: (() => void) | undefined;
  const look = () => {
    if (isTold(node)) run();
    else cancel = timers.after(LOOK_AGAIN_MS, look);
  };
  look();
  return () => cancel?.();
}

/** Sooner over if `signal` ends it. */
async function silence(ms: number, { timers, signal }: JoiningGrants): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    const end = () => {
      cancel();
      signal.removeEventListener("abort", end);
      resolve();
    };
    const cancel = timers.after(ms, end);
    signal.addEventListener("abort", end);
  });
}

function targetOf(join: string, { apiToken }: Credentials) {
  const url = /^https?:\/\//u.test(join) ? join : `http://${join}`;
  return { url, ...(apiToken !== undefined && { token: apiToken }) };
}

function joinGrants({ fetch, timers, signal, tell }: JoiningGrants): JoinGrants {
  return { fetch, timers, signal, onTrouble: (detail) => tell("warning", `joining: ${detail}`) };
}
