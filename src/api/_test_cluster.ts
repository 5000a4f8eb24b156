/** A cluster that only does as it is told, and remembers what it was asked. */
import type {
  ClusterStatus,
  ClusterView,
  JoinRequest,
  JoinResult,
  RemoveResult,
} from "../cluster/mod.ts";

export const STATUS: ClusterStatus = {
  clusterId: "c-1",
  id: "m1",
  standing: "member",
  role: "leader",
  leader: "m1",
  term: 3,
  quorum: true,
  commitIndex: 41,
  appliedIndex: 41,
  lastIndex: 42,
  snapshotIndex: 20,
  halted: null,
  unreadableEntries: 0,
  members: [
    { id: "m1", address: "10.1.0.111:7000", role: "voter", isLeader: true, isConnected: true },
    {
      id: "m2",
      address: "10.1.0.112:7000",
      role: "voter",
      isLeader: false,
      isConnected: true,
      matchIndex: 42,
      lagEntries: 0,
      isActive: true,
    },
    { id: "m3", address: "[fd00::3]:7000", role: "learner", isLeader: false, isConnected: true },
  ],
  membersCommitted: true,
};

export class FakeCluster implements ClusterView {
  readonly joins: JoinRequest[] = [];
  readonly removals: string[] = [];
  joinResult: JoinResult = { ok: true, clusterId: "c-1", members: STATUS.members };
  removeResult: RemoveResult = { ok: true };
  now: ClusterStatus;

  constructor(status: Partial<ClusterStatus> = {}) {
    this.now = { ...STATUS, ...status };
  }

  status(): ClusterStatus {
    return this.now;
  }

  async join(request: JoinRequest): Promise<JoinResult> {
    this.joins.push(request);
    return this.joinResult;
  }

  async remove(id: string): Promise<RemoveResult> {
    this.removals.push(id);
    return this.removeResult;
  }
}
