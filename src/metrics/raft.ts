/**
 * The series about a monitor as a member of its cluster: what it knows of itself at the moment of a scrape
 * in, whole families out. Its two histograms are only described here: the runtime fills them, as
 * it does the monitor's own.
 */
import { formatFamilies, type MetricsFormat, type Sample, type Series, single } from "./text.ts";

export const RAFT_ROLES = ["leader", "candidate", "follower", "learner"] as const;

export type RaftRole = (typeof RAFT_ROLES)[number];

/** Another member, as this one sees it. */
export interface RaftPeerFacts {
  readonly id: string;
  /** Whether a connection to it stands. */
  readonly isConnected: boolean;
  /** Entries that it has not confirmed yet; undefined where this member does not lead. */
  readonly lagEntries: number | undefined;
}

/** What a scrape knows of the member. Counts are since the process started. */
export interface RaftFacts {
  readonly role: RaftRole;
  readonly term: number;
  /** How often it learnt of another leader than before, the first not counted. */
  readonly leaderChanges: number;
  readonly commitIndex: number;
  readonly appliedIndex: number;
  /** From the first entry that is kept to the last. */
  readonly logEntries: number;
  /** Without this member itself. */
  readonly peers: readonly RaftPeerFacts[];
  /** Since the last snapshot was taken or received; undefined where that is not known. */
  readonly snapshotAgeSeconds: number | undefined;
  /** Whether this member knows that a quorum goes on with it. */
  readonly hasQuorum: boolean;
  readonly isHalted: boolean;
  readonly unreadableEntries: number;
  readonly refusedMessages: number;
}

/** In the order in which they are written. */
export const RAFT_SERIES = {
  role: {
    name: "phi_raft_role",
    type: "gauge",
    help: "1 for the role that this monitor has in its cluster, 0 for the others.",
    labels: ["role"],
  },
  term: {
    name: "phi_raft_term",
    type: "gauge",
    help: "Latest Raft term that this monitor has seen.",
    labels: [],
  },
  leaderChanges: {
    name: "phi_raft_leader_changes_total",
    type: "counter",
    help: "How often this monitor saw another leader than before.",
    labels: [],
  },
  commitIndex: {
    name: "phi_raft_commit_index",
    type: "gauge",
    help: "Last log entry that this monitor knows to be committed.",
    labels: [],
  },
  appliedIndex: {
    name: "phi_raft_applied_index",
    type: "gauge",
    help: "Last log entry that is in force on this monitor.",
    labels: [],
  },
  logEntries: {
    name: "phi_raft_log_entries",
    type: "gauge",
    help: "Entries in this monitor's log; what a snapshot replaced is not counted.",
    labels: [],
  },
  peerLag: {
    name: "phi_raft_peer_lag_entries",
    type: "gauge",
    help: "Entries that the peer has yet to confirm; there on the leader only.",
    labels: ["peer"],
  },
  peerConnected: {
    name: "phi_raft_peer_connected",
    type: "gauge",
    help: "1 if a connection to the peer stands, else 0.",
    labels: ["peer"],
  },
  snapshotAge: {
    name: "phi_raft_snapshot_age_seconds",
    type: "gauge",
    help: "Time since this monitor's last snapshot; not there before the first.",
    unit: "seconds",
    labels: [],
  },
  quorum: {
    name: "phi_raft_quorum",
    type: "gauge",
    help: "1 if the config can be written as far as this monitor knows, else 0.",
    labels: [],
  },
  halted: {
    name: "phi_raft_halted",
    type: "gauge",
    help: "1 if this monitor no longer takes part because its disk failed, else 0.",
    labels: [],
  },
  unreadableEntries: {
    name: "phi_raft_unreadable_entries",
    type: "gauge",
    help: "Log entries of a later version of phi that this one passed over.",
    labels: [],
  },
  refusedMessages: {
    name: "phi_raft_refused_messages_total",
    type: "counter",
    help: "Messages of peers that no correct peer sends, and that were dropped.",
    labels: [],
  },
} as const satisfies Readonly<Record<string, Series>>;

export const RAFT_HISTOGRAMS = {
  commitDuration: {
    name: "phi_raft_commit_duration_seconds",
    type: "histogram",
    help: "Time from a write's arrival at this monitor to its outcome, whatever that was.",
    unit: "seconds",
    labels: ["le"],
  },
  syncDuration: {
    name: "phi_raft_sync_duration_seconds",
    type: "histogram",
    help: "Time that this monitor's disk took to make a batch of writes durable.",
    unit: "seconds",
    labels: ["le"],
  },
} as const satisfies Readonly<Record<string, Series>>;

/** Whole families, each line with its newline; one without a sample is left out. */
export function renderRaft(facts: RaftFacts, format: MetricsFormat): string {
  const { peers, role, snapshotAgeSeconds } = facts;
  const families: readonly (readonly [Series, readonly Sample[]])[] = [
    [
      RAFT_SERIES.role,
      RAFT_ROLES.map((name) => ({ labels: { role: name }, value: Number(name === role) })),
    ],
    [RAFT_SERIES.term, single(facts.term)],
    [RAFT_SERIES.leaderChanges, single(facts.leaderChanges)],
    [RAFT_SERIES.commitIndex, single(facts.commitIndex)],
    [RAFT_SERIES.appliedIndex, single(facts.appliedIndex)],
    [RAFT_SERIES.logEntries, single(facts.logEntries)],
    [RAFT_SERIES.peerLag, peers.flatMap(({ id, lagEntries }) => of(id, lagEntries))],
    [
      RAFT_SERIES.peerConnected,
      peers.flatMap(({ id, isConnected }) => of(id, Number(isConnected))),
    ],
    [RAFT_SERIES.snapshotAge, snapshotAgeSeconds === undefined ? [] : single(snapshotAgeSeconds)],
    [RAFT_SERIES.quorum, single(Number(facts.hasQuorum))],
    [RAFT_SERIES.halted, single(Number(facts.isHalted))],
    [RAFT_SERIES.unreadableEntries, single(facts.unreadableEntries)],
    [RAFT_SERIES.refusedMessages, single(facts.refusedMessages)],
  ];
  return formatFamilies(families, format);
}

function of(peer: string, value: number | undefined): Sample[] {
  return value === undefined ? [] : [{ labels: { peer }, value }];
}
