import { expect, test } from "bun:test";
import { readOpenMetrics } from "../../test/kit/open_metrics.ts";
import { makeMonitorReading } from "../../test/kit/watch_reading.ts";
import { createExposition } from "./exposition.ts";
import { NO_OWN_METRICS } from "./own.ts";
import { RAFT_ROLES, RAFT_SERIES, renderRaft, type RaftFacts } from "./raft.ts";

const FACTS: RaftFacts = {
  role: "leader",
  term: 7,
  leaderChanges: 2,
  commitIndex: 41,
  appliedIndex: 40,
  logEntries: 12,
  peers: [
    { id: "m2", isConnected: true, lagEntries: 3 },
    { id: 'm"3', isConnected: false, lagEntries: undefined },
  ],
  snapshotAgeSeconds: 60.5,
  hasQuorum: true,
  isHalted: false,
  unreadableEntries: 1,
  refusedMessages: 4,
};

function read(facts: Partial<RaftFacts> = {}) {
  const text = renderRaft({ ...FACTS, ...facts }, "openmetrics");
  const families = readOpenMetrics(`${text}# EOF\n`);
  return new Map(
    families.map(({ name, samples }) => [
      name,
      Object.fromEntries(
        samples.map(({ labels, value }) => [[...labels.values()].join() || "value", value]),
      ),
    ]),
  );
}

test("renderRaft() shows each fact, under its own name", () => {
  expect(Object.fromEntries(read())).toEqual({
    phi_raft_role: { leader: 1, candidate: 0, follower: 0, learner: 0 },
    phi_raft_term: { value: 7 },
    phi_raft_leader_changes: { value: 2 },
    phi_raft_commit_index: { value: 41 },
    phi_raft_applied_index: { value: 40 },
    phi_raft_log_entries: { value: 12 },
    phi_raft_peer_lag_entries: { m2: 3 },
    phi_raft_peer_connected: { m2: 1, 'm"3': 0 },
    phi_raft_snapshot_age_seconds: { value: 60.5 },
    phi_raft_quorum: { value: 1 },
    phi_raft_halted: { value: 0 },
    phi_raft_unreadable_entries: { value: 1 },
    phi_raft_refused_messages: { value: 4 },
  });
});

test("renderRaft(): exactly one role is 1, whichever it is", () => {
  for (const role of RAFT_ROLES) {
    const roles = read({ role }).get("phi_raft_role")!;
    expect(Object.entries(roles).filter(([, value]) => value === 1)).toEqual([[role, 1]]);
    expect(Object.keys(roles)).toEqual([...RAFT_ROLES]);
  }
});

test("renderRaft() tells a member that is halted and has no quorum", () => {
  const families = read({ hasQuorum: false, isHalted: true });
  expect(families.get("phi_raft_quorum")).toEqual({ value: 0 });
  expect(families.get("phi_raft_halted")).toEqual({ value: 1 });
});

test("renderRaft() leaves out what is not known, and has no peers where a member is alone", () => {
  const families = read({ peers: [], snapshotAgeSeconds: undefined });
  expect(families.size).toBe(Object.keys(RAFT_SERIES).length - 3);
  for (const name of ["peer_lag_entries", "peer_connected", "snapshot_age_seconds"]) {
    expect(families.has(`phi_raft_${name}`)).toBe(false);
  }
});

const timers = { after: () => () => {}, yieldToLoop: () => Promise.resolve() };

async function scrape(raft?: () => RaftFacts): Promise<string> {
  const monitor = makeMonitorReading([]);
  const exposition = createExposition({
    monitor,
    own: NO_OWN_METRICS,
    timers,
    ...(raft && { raft }),
  });
  return (await exposition.respond(new Request("http://127.0.0.1/metrics"))).text();
}

test("createExposition() asks for the facts at each scrape, and has no such series without", async () => {
  let term = 7;
  const raft = () => ({ ...FACTS, term: term++ });
  expect(await scrape(raft)).toContain("\nphi_raft_term 7\n");
  expect(await scrape(raft)).toContain("\nphi_raft_term 8\n");
  expect(await scrape()).not.toContain("phi_raft");
});
