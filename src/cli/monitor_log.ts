/** What a monitor says in its log of how it started, and of every verdict that changes. */
import type { Logger } from "@logtape/logtape";
import type { VerdictChange } from "../monitor/mod.ts";
import { isLoopback } from "../peer/mod.ts";
import { formatBind } from "./bind.ts";
import type { Open } from "./listeners.ts";
import type { OpenMember } from "./member/open_member.ts";
import type { MonitorArguments } from "./monitor_flags.ts";

export function logVerdict(log: Logger, change: VerdictChange): void {
  const { target, from, to, reason } = change;
  const phi = Number(change.phi.toFixed(2));
  const silenceSeconds = Number((change.silenceMs / 1_000).toFixed(3));
  const properties = { target, from, to, phi, silenceSeconds, reason };
  const level = to === "up" ? "info" : "warning";
  log[level]("{target}: {from} -> {to}: {reason}; phi {phi}", properties);
}

export function logStart(
  flags: MonitorArguments,
  { node, store, isFounder }: OpenMember,
  listeners: readonly Open[],
  version: string,
  log: Logger,
): void {
  const scheme = flags.tlsCert === undefined ? "http" : "https";
  for (const { what, bind } of listeners) {
    const url = `${scheme}://${formatBind(bind)}`;
    log.info("phi {version}: {what} on {url}", { version, what, url });
    if (what === "HTTP" && !isLoopback(bind.host) && flags.apiTokenFile === undefined) {
      log.warning(
        "{url} can be reached from other machines, and whoever reaches it can change the config",
        {
          url,
        },
      );
    }
  }
  const { id, clusterId, members } = node.status();
  const where = { id, clusterId, directory: flags.datadir };
  if (isFounder)
    log.info("{id} has founded cluster {clusterId}; its data is in {directory}", where);
  else log.info("{id} is of cluster {clusterId}; its data is in {directory}", where);
  const others = members.filter((one) => one.id !== id).map((one) => `${one.id} at ${one.address}`);
  const isAlone = members.length === 1 && others.length === 0;
  // What the data says is older than the flag, and has its way: of a first start that went wrong, too.
  if (flags.join !== undefined && isAlone) {
    log.warning(
      "--join {join} is not followed: by the data in {directory} {id} is the only member of cluster {clusterId}. " +
        "If it was to join another one, start it with an empty data directory",
      { ...where, join: flags.join },
    );
  }
  if (others.length > 0) log.info("the others are {others}", { others: others.join(", ") });
  if (store.readLocal().targets.size > 0) return;
  log.warning("nothing is watched yet: add with `phi apply -f FILE` or `phi targets add`", {});
}
