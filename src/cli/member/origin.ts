/**
 * What this monitor begins from: what its data directory holds; or, where there is no data, a new cluster of
 * one, or the cluster that it is to join, in which it has nothing yet.
 */
import type { RaftStorage } from "../../bun/mod.ts";
import type { Random } from "../../port.ts";
import type { LogStorage, StoredState } from "../../raft/mod.ts";
import { foundingState, MemoryLog } from "../../store/mod.ts";
import { formatBind } from "../bind.ts";
import type { ConfigFileResult } from "../config_file.ts";
import { IN_MEMORY, type MonitorArguments } from "../monitor_flags.ts";
import type { Credentials } from "./credentials.ts";
import { founding, openExisting, type OpenStorage, randomName } from "./data_directory.ts";
import type { MemberGrants } from "./grants.ts";
import { findClusterToJoin } from "./join.ts";

export interface Origin {
  readonly id: string;
  readonly clusterId: string;
  readonly stored: StoredState;
  readonly storage: LogStorage;
  readonly close: () => Promise<void>;
  /** Whether it has just founded its cluster. */
  readonly isFounder: boolean;
}

export type OriginResult =
  | { readonly ok: true; readonly origin: Origin }
  | { readonly ok: false; readonly detail: string };

/**
 * `seed` is what a new cluster is to watch; nobody else needs it, so that a file which is wrong keeps nobody
 * from watching on. What is given is open, and its owner's to close.
 */
export async function findOrigin(
  flags: MonitorArguments,
  credentials: Credentials,
  seed: ConfigFileResult,
  grants: MemberGrants,
): Promise<OriginResult> {
  const { datadir, id, join } = flags;
  if (datadir === IN_MEMORY) return inMemory(flags, seed, grants);
  const onCommit = ({ durationMs }: { readonly durationMs: number }) =>
    grants.onSync(durationMs / 1_000);
  const options = { directory: datadir, onCommit, ...(id !== undefined && { id }) };
  const opened = await openExisting(grants.openRaftStorage, options);
  if (opened.ok) return { ok: true, origin: originOf(opened, opened.storage, false) };
  if (!opened.isMissing) return opened;
  const ownId = id ?? newId(grants.random);
  if (join === undefined) {
    if (!seed.ok) return seedRefused(seed);
    const clusterId = randomName("", grants.random);
    const first = founding(ownId, addressOf(flags), foundingState(seed.targets));
    return create({ ...options, id: ownId, clusterId, firstSnapshot: first }, true, grants);
  }
  const cluster = await findClusterToJoin(join, ownId, datadir, credentials, grants);
  if (!cluster.ok) return cluster;
  return create({ ...options, id: ownId, clusterId: cluster.clusterId }, false, grants);
}

/** Where its peers reach it. */
export function addressOf({ raftBind, raftAdvertise }: MonitorArguments): string {
  return formatBind(raftAdvertise ?? raftBind);
}

function seedRefused({ lines }: Extract<ConfigFileResult, { ok: false }>): OriginResult {
  return { ok: false, detail: lines.join("\n") };
}

function newId(random: Random): string {
  return randomName("phi-", random).slice(0, 12);
}

async function create(
  options: Parameters<OpenStorage>[0],
  isFounder: boolean,
  grants: MemberGrants,
): Promise<OriginResult> {
  const created = await grants.openRaftStorage(options);
  if (created.ok) return { ok: true, origin: originOf(created, created.storage, isFounder) };
  return { ok: false, detail: `${created.error.detail}. ${created.error.remedy}` };
}

function originOf(
  { id, clusterId, stored }: Pick<Origin, "id" | "clusterId" | "stored">,
  storage: RaftStorage,
  isFounder: boolean,
): Origin {
  return { id, clusterId, stored, storage, isFounder, close: () => storage.close() };
}

function inMemory(
  flags: MonitorArguments,
  seed: ConfigFileResult,
  { random }: MemberGrants,
): OriginResult {
  if (!seed.ok) return seedRefused(seed);
  const id = flags.id ?? newId(random);
  const state = foundingState(seed.targets);
  const log = new MemoryLog({ firstSnapshot: founding(id, addressOf(flags), state) });
  const clusterId = randomName("", random);
  const origin = { id, clusterId, ...log.open(), isFounder: true, close: () => Promise.resolve() };
  return { ok: true, origin };
}
