/**
 * SIGHUP: what the config file says is added to what the cluster watches, or changed in it, as `phi apply -f`
 * would. What the file does not name stays. The alerts file is this monitor's own, and holds from then on.
 */
import type { Logger } from "@logtape/logtape";
import type { Alerts } from "../../alert/mod.ts";
import type { AlertsRead } from "../alerts_file.ts";
import { mergeTargets } from "../config_difference.ts";
import type { ConfigFileResult } from "../config_file.ts";
import type { ConfigStore, WriteResult } from "../../store/mod.ts";
import { oneAtATime } from "../one_at_a_time.ts";

/** How often somebody else may write in between before it is given up. */
const MAX_ATTEMPTS = 5;

/** Reads a file of each kind. */
export interface FileReaders {
  readonly config: () => Promise<ConfigFileResult>;
  readonly alerts: () => Promise<AlertsRead>;
}

export interface ReloadGround {
  readonly store: ConfigStore;
  readonly alerts: Pick<Alerts, "reconfigure">;
  readonly log: Logger;
}

/**
 * What a SIGHUP does, for the files that are named. One reading of a file ends before the next begins: of two that
 * overlap, the one that found the older text could be the last to write.
 */
export function reloading(
  named: { readonly config?: string; readonly alerts?: string },
  read: FileReaders,
  { store, alerts, log }: ReloadGround,
): () => void {
  const reloadConfig = oneAtATime(() => reload(read.config, store, log));
  const reloadAlertsFile = oneAtATime(() => reloadAlerts(read.alerts, alerts, log));
  return () => {
    if (named.alerts !== undefined) reloadAlertsFile();
    if (named.config !== undefined) reloadConfig();
    if (named.config ?? named.alerts) return;
    log.info("SIGHUP: there is no --config and no --alerts to read again");
  };
}

/** Never rejects: what went wrong is logged, and has changed nothing. */
export async function reload(
  read: () => Promise<ConfigFileResult>,
  store: ConfigStore,
  log: Logger,
): Promise<void> {
  const file = await read();
  if (!file.ok) {
    for (const line of file.lines) log.error("SIGHUP: nothing has changed: {line}", { line });
    return;
  }
  let why = "somebody else kept writing";
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const current = await store.read();
    if (!current.ok) {
      log.error("SIGHUP: nothing has changed: {detail}", { detail: current.detail });
      return;
    }
    const { revision, targets } = current.snapshot;
    const kept = Array.from(targets.values(), ({ target }) => target);
    const merged = mergeTargets(kept, file.targets);
    const result = await store.replace(merged, { ifMatch: revision });
    if (result.ok) {
      const others = merged.length - file.targets.length;
      log.info(
        "SIGHUP: what the file says is in the config, revision {revision}; kept beside it: {others}",
        { revision: result.revision, others },
      );
      return;
    }
    why = describe(result);
    if (result.reason !== "precondition_failed") break;
  }
  log.error("SIGHUP: the file was not confirmed: {why}", { why });
}

/** Never rejects: what is wrong is logged, and the alerts go on as they were. */
export async function reloadAlerts(
  read: () => Promise<AlertsRead>,
  alerts: Pick<Alerts, "reconfigure">,
  log: Logger,
): Promise<void> {
  const file = await read();
  if (!file.ok) {
    for (const line of file.lines) log.error("SIGHUP: alerts go on as before: {line}", { line });
    return;
  }
  if (file.alerts === undefined) return;
  alerts.reconfigure(file.alerts);
  const receivers = file.alerts.receivers.map(({ name }) => name).join(", ");
  log.info("SIGHUP: alerts are those of the file, for {receivers}", { receivers });
}

function describe(result: Extract<WriteResult, { ok: false }>): string {
  switch (result.reason) {
    case "precondition_failed":
      return "somebody else kept writing";
    case "too_many_targets":
      return `at most ${result.limit} targets can be watched`;
    case "too_large":
      return `written out in full the config has ${result.writeBytes} bytes, and at most ${result.limitBytes} are taken`;
    case "unavailable":
      return `${result.outcome === "failed" ? "it has failed" : "the write may have been made, or may be yet"}: ${result.detail}`;
    case "not_found":
    case "key_reused":
      return result.reason;
  }
}
