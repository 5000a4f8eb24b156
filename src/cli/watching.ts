/**
 * What watches: the monitor with its doubt of itself, the observers whom it hears and tells, and the recorder
 * of what they see. Each knows the ones before it and none after it.
 */
import { Recorder } from "../history/mod.ts";
import { httpProbeOptions, Monitor } from "../monitor/mod.ts";
import { Observers, SelfDoubt } from "../observers/mod.ts";
import { HttpProber, type HttpProbeWorld } from "../probe/mod.ts";
import type { Ground, MonitorGrants } from "./assemble.ts";
import { makeSelfProber, type SelfProber } from "./self_probe.ts";

export interface Watching {
  readonly monitor: Monitor;
  readonly selfDoubt: SelfDoubt;
  readonly observers: Observers;
  /** Undefined where nothing is remembered. */
  readonly recorder: Recorder | undefined;
  /** Resolves once what was seen last is kept. */
  close(): Promise<void>;
}

export function makeWatching(ground: Ground, grants: MonitorGrants): Watching {
  // Before anybody else listens to the verdicts, so that its doubt is known when they speak of them.
  const { monitor, selfDoubt, selfProber } = makeMonitor(ground, grants);
  const observers = makeObservers(ground, monitor, selfDoubt, grants);
  const recorder = makeRecorder(ground, monitor, observers, grants);
  return {
    monitor,
    selfDoubt,
    observers,
    recorder,
    async close() {
      observers.close();
      selfDoubt.close();
      selfProber?.close();
      monitor.close();
      await recorder?.close();
    },
  };
}

interface DoubtingMonitor {
  readonly monitor: Monitor;
  readonly selfDoubt: SelfDoubt;
  readonly selfProber: SelfProber | undefined;
}

/** The monitor, and its doubt of itself, which its own turns drive. */
function makeMonitor(
  { net: { policy, connectTo }, own, face, history }: Ground,
  grants: MonitorGrants,
): DoubtingMonitor {
  let selfProber: SelfProber | undefined;
  const monitor = new Monitor({
    clock: grants.clock,
    timers: grants.timers,
    random: grants.random,
    // None of them is called before the loop has turned, and then all is made.
    gauges: {
      eventLoopLag(seconds) {
        own.eventLoopLag(seconds);
        selfDoubt.turned();
      },
      scheduleLag(seconds) {
        own.scheduleLag(seconds);
        selfDoubt.sent(seconds * 1_000);
      },
    },
    ...(history && { recall: history.recall }),
    makeProbers: (wheel, nowMs) => {
      const { dial, resolve, readTextFile } = grants;
      const world = { dial, resolve, readTextFile, wheel, nowMs };
      selfProber = makeSelfProber(face, world);
      const targetsWorld: HttpProbeWorld = {
        ...world,
        checkAddress: (hostName, ip, port) => policy.checkAddress(hostName, ip, port),
        connectTo,
      };
      return (target) => new HttpProber(httpProbeOptions(target), targetsWorld);
    },
  });
  const probeSelf: SelfProber["ask"] = (done) => selfProber?.ask(done);
  const selfDoubt = new SelfDoubt({ monitor, clock: grants.clock, probeSelf });
  return { monitor, selfDoubt, selfProber };
}

function makeObservers(
  { member, tell }: Ground,
  monitor: Monitor,
  selfDoubt: SelfDoubt,
  { clock, timers, random }: MonitorGrants,
): Observers {
  const { node, links } = member;
  const observers = new Observers({
    self: node.status().id,
    monitor,
    members: () => node.member.status().membership.voters.map(({ id }) => id),
    doubts: selfDoubt,
    wire: links,
    clock,
    timers,
    run: Math.floor(random() * 2 ** 32),
    onUnreadable: (peer, why) => tell("warning", `what ${peer} sees is not counted: ${why}`),
  });
  member.exchangeWith(observers);
  return observers;
}

function makeRecorder(
  { history, tell }: Ground,
  monitor: Monitor,
  observers: Observers,
  { clock, timers }: MonitorGrants,
): Recorder | undefined {
  if (history === undefined) return undefined;
  return new Recorder({ monitor, observers, storage: history.storage, clock, timers, tell });
}
