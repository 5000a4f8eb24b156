/**
 * Looks over a member's shoulder and counts the interesting paths that it takes (`coverage.ts`), and
 * tells the story of those that people want to know about.
 */
import type { Effect, LogWrite } from "../../src/raft/mod.ts";
import type { Host } from "./host.ts";
import type { World } from "./world.ts";

/** Before a write changes what the member has written. */
export function watchWrite({ coverage, tell }: World, host: Host, write: LogWrite): void {
  const { id, written } = host;
  const { snapshot } = write;
  if (write.discardsLog && snapshot !== undefined) {
    const isNew = written.lastIndex === 0;
    coverage.hit(
      isNew ? "snapshot installed on a new member" : "snapshot installed on a follower with a log",
    );
    tell(id, `takes the snapshot of ${snapshot.index}; its log ended at ${written.lastIndex}`);
  } else if (snapshot !== undefined) {
    coverage.hit("snapshot taken");
    if (snapshot.index < (host.status()?.appliedIndex ?? 0)) {
      coverage.hit("entries applied while a snapshot was made");
    }
    tell(id, `takes a snapshot at ${snapshot.index}`);
  }
  if (write.compactThrough !== undefined) coverage.hit("log compacted");
  const first = write.entries[0]?.index;
  if (first === undefined || first > written.lastIndex) return;
  coverage.hit("conflicting suffix cut off");
  tell(id, `cuts off ${first}..${written.lastIndex}`);
  if (written.changesAfter(first - 1).length > 0) coverage.hit("membership change rolled back");
}

/** Before an effect is carried out. */
export function watchEffect(world: World, host: Host, effect: Effect): void {
  const { kind } = effect;
  if (kind === "send") watchSend(world, effect);
  if (kind === "role") watchRole(world, host, effect);
  if (kind === "dropped") watchDropped(world, host, effect);
  if (kind !== "readReady") return;
  const isLeader = world.invariants.leaders.termLedBy(host) !== undefined;
  world.coverage.hit(isLeader ? "read at the leader" : "read at a follower");
}

function watchRole(
  { coverage, hosts, invariants, tell, transfers }: World,
  host: Host,
  { role, term, leader }: Effect & { kind: "role" },
): void {
  const { leaders } = invariants;
  const before = leaders.roleOf(host);
  const termLed = leaders.termLedBy(host);
  if (role === "leader") {
    coverage.hit("election");
    if (hosts.some((other) => other !== host && leaders.termLedBy(other) !== undefined)) {
      coverage.hit("election of a second leader while another still leads");
    }
    if (transfers.delete(`${host.id} after ${term - 1}`)) coverage.hit("transfer completed");
    tell(host.id, `leads term ${term}, log up to ${host.written.lastIndex}`);
  } else if (termLed !== undefined) {
    if (termLed === term) coverage.hit("leader steps down without a quorum");
    tell(host.id, `leads no more; ${role} in term ${term}`);
  } else if (role === "follower" && before === "candidate") {
    coverage.hit("campaign lost");
  } else if (role === "candidate") {
    tell(host.id, `runs for term ${term}`);
  } else if (leader !== undefined) {
    tell(host.id, `follows ${leader} in term ${term}`);
  }
}

function watchDropped(
  { coverage, tell }: World,
  host: Host,
  effect: Effect & { kind: "dropped" },
): void {
  switch (effect.what) {
    case "proposal":
      coverage.hit(
        effect.outcome === "dropped" ? "proposal dropped" : "proposal of unknown outcome",
      );
      if (effect.reason.startsWith("too much")) {
        coverage.hit("proposal dropped for too many uncommitted bytes");
      }
      return;
    case "read":
      return coverage.hit("read refused");
    case "transfer":
      coverage.hit("transfer given up");
      return tell(host.id, `gives up handing over to ${effect.to}: ${effect.reason}`);
    case "message":
      return coverage.hit(
        effect.message.kind === "installSnapshot"
          ? "damaged snapshot refused"
          : "stray message refused",
      );
  }
}

function watchSend({ coverage, transfers }: World, { message }: Effect & { kind: "send" }): void {
  const { kind } = message;
  if (kind === "preVoteResponse" && !message.isGranted) coverage.hit("pre-vote refused");
  if (kind === "appendResponse" && !message.result.ok) coverage.hit("append refused");
  if (kind === "proposeRequest") coverage.hit("proposal forwarded");
  if (kind === "timeoutNow") transfers.add(`${message.to} after ${message.term}`);
}
