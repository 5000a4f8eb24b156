/**
 * `phi recover --force-new-cluster`: makes a new cluster of one out of what one member has left, when a
 * majority is gone for good. It opens the old directory as a start does, changes no config in it, and writes a new
 * one, so that nothing is lost by trying. The new cluster has a name of its own: whoever comes back from the old one is refused.
 */
import { isMemberId, MEMBER_ID_RULE } from "../cluster/mod.ts";
import type { Random } from "../port.ts";
import {
  createSnapshot,
  type Entry,
  membershipOf,
  membersOf,
  SessionStateMachine,
  type StoredState,
} from "../raft/mod.ts";
import { ClusterMachine } from "../store/mod.ts";
import { formatBind, whyNoPeerAddress, type Bind } from "./bind.ts";
import {
  type OpenedStorage,
  type OpenStorage,
  openExisting,
  randomName,
} from "./member/data_directory.ts";
import { EXIT_DONE, fail, misuse, type ExitCode, type Output } from "./output.ts";

export interface RecoverArguments {
  readonly forceNewCluster?: boolean;
  /** What is left of the old cluster. */
  readonly datadir: string;
  /** The new cluster's directory. */
  readonly into: string;
  /** The new member's id; the old one's if not given. */
  readonly id?: string;
  /** Where its peers will reach it; the old address if not given. */
  readonly raftAdvertise?: Bind;
}

export interface RecoverGrants {
  readonly openRaftStorage: OpenStorage;
  readonly random: Random;
  readonly output: Output;
}

export async function runRecover(
  flags: RecoverArguments,
  grants: RecoverGrants,
): Promise<ExitCode> {
  const { output, openRaftStorage } = grants;
  if (flags.id !== undefined && !isMemberId(flags.id)) {
    return misuse(output, `--id ${flags.id}: an id is ${MEMBER_ID_RULE}`);
  }
  const unreachable = flags.raftAdvertise && whyNoPeerAddress(flags.raftAdvertise);
  if (unreachable !== undefined) return misuse(output, `--raft-advertise ${unreachable}`);
  if (!flags.forceNewCluster) {
    return misuse(
      output,
      "recover gives up what only the lost members have: add --force-new-cluster if a majority of " +
        "the members is gone for good",
    );
  }
  const opened = await openExisting(openRaftStorage, { directory: flags.datadir });
  if (!opened.ok) {
    return fail(output, opened.isMissing ? `there is no data in ${flags.datadir}` : opened.detail);
  }
  const recovered = recover(opened.stored);
  await opened.storage.close();
  if (!recovered.ok) return fail(output, recovered.detail);
  return await found(flags, opened, recovered, grants);
}

async function found(
  flags: RecoverArguments,
  old: OpenedStorage,
  recovered: Recovered,
  { openRaftStorage, random, output }: RecoverGrants,
): Promise<ExitCode> {
  const id = flags.id ?? old.id;
  const before = lastMembership(old.stored).find((member) => member.id === old.id);
  const address = flags.raftAdvertise ? formatBind(flags.raftAdvertise) : before?.address;
  if (address === undefined) {
    return misuse(output, "it was no member when it was last heard of: add --raft-advertise");
  }
  const clusterId = randomName("", random);
  const occupied = await openExisting(openRaftStorage, { directory: flags.into });
  if (occupied.ok) await occupied.storage.close();
  if (occupied.ok || !occupied.isMissing) {
    return fail(output, `${flags.into} has data already: name a directory that is empty`);
  }
  const { index, term, state } = recovered;
  const firstSnapshot = createSnapshot(index, term, membershipOf([{ id, address }]), state);
  const created = await openRaftStorage({ directory: flags.into, id, clusterId, firstSnapshot });
  if (!created.ok) return fail(output, `${created.error.detail}. ${created.error.remedy}`);
  await created.storage.close();
  output.say(
    `${flags.into} holds cluster ${clusterId}: ${id} alone, config revision ${recovered.revision}, ` +
      `${recovered.targetCount} targets, from log index ${index} of what was cluster ${old.clusterId}`,
  );
  output.say(
    `start it with --datadir ${flags.into}, then let new monitors join it with empty directories; ` +
      `the config in ${flags.datadir} is as it was`,
  );
  return EXIT_DONE;
}

interface Recovered {
  readonly index: number;
  readonly term: number;
  readonly state: Uint8Array;
  readonly revision: number;
  readonly targetCount: number;
}

type RecoveredResult =
  | ({ readonly ok: true } & Recovered)
  | { readonly ok: false; readonly detail: string };

/** All that the member has, committed or not: what was not may have been acknowledged by those who are lost. */
function recover({ snapshot, entries, compacted }: StoredState): RecoveredResult {
  const machine = new ClusterMachine();
  const sessions = new SessionStateMachine(machine);
  if (snapshot === undefined) {
    return { ok: false, detail: "it never had a snapshot: it was not let into its cluster yet" };
  }
  const restored = sessions.restore(snapshot.data);
  if (!restored.ok) return { ok: false, detail: `its snapshot cannot be read: ${restored.error}` };
  for (const entry of entries) {
    if (entry.index > snapshot.index && !apply(sessions, entry)) {
      const detail = `this version of phi cannot read log entry ${entry.index}: use the version that wrote it`;
      return { ok: false, detail };
    }
  }
  const last = entries.at(-1) ?? compacted;
  const { index, term } = last.index > snapshot.index ? last : snapshot;
  const { revision, targets } = machine.config.readLocal();
  const targetCount = targets.size;
  return { ok: true, index, term, state: sessions.snapshot(), revision, targetCount };
}

/** Whether it could be read. */
function apply(sessions: SessionStateMachine, { index, body }: Entry): boolean {
  if (body.kind === "unreadable") return false;
  if (body.kind !== "command") return true;
  const result = sessions.apply({ index, data: body.data });
  return result.ok || result.isPassedOver !== true;
}

function lastMembership({ snapshot, entries }: Pick<StoredState, "snapshot" | "entries">) {
  const bodies = entries.map(({ body }) => body).filter((body) => body.kind === "membership");
  const membership = bodies.at(-1)?.membership ?? snapshot?.membership;
  return membership === undefined ? [] : membersOf(membership);
}
