/**
 * Every series that the project exports, in one table: its name, type, help, unit and labels, and for the
 * per-target ones how their lines are got from a watch. Whoever wants to know what a number on a
 * dashboard means, or to export another, comes here. Numbers are in base units (seconds, bytes): this
 * is where milliseconds end. The monitor's own series are only described: the runtime measures them.
 */
import {
  durationLines,
  failureLines,
  infoLines,
  one,
  probed,
  readLastHeartbeatSeconds,
  readPhi,
  readWatchedSeconds,
  stateLines,
  type TargetSeries,
} from "./_target_lines.ts";
import { combinedStateLines, dissenterLines, observerSuspicionLines } from "./_combined_lines.ts";
import { ALERT_SERIES } from "./alerts.ts";
import { OBSERVER_SERIES } from "./observers.ts";
import { HISTORY_SERIES } from "./history.ts";
import { QUALITY_SERIES } from "./quality.ts";
import { RAFT_HISTOGRAMS, RAFT_SERIES } from "./raft.ts";
import type { Series } from "./text.ts";

/** In the order in which they are written. */
export const TARGET_SERIES: readonly TargetSeries[] = [
  one(
    {
      name: "phi_suspicion",
      type: "gauge",
      help: "Suspicion level (phi) that the target has failed, at the moment of the scrape.",
    },
    readPhi,
  ),
  one(
    {
      name: "phi_suspicion_threshold",
      type: "gauge",
      help: "Suspicion level from which the target is down, as it is now.",
    },
    (watch) => watch.downPhi,
  ),
  {
    name: "phi_target_state",
    type: "gauge",
    help: "1 for the verdict on the target as it is now, 0 for the others.",
    labels: ["target", "state"],
    lines: stateLines,
  },
  one(
    {
      name: "phi_heartbeats_total",
      type: "counter",
      help: "Heartbeats that arrived: valid answers, or beats that the target pushed.",
    },
    (watch) => watch.heartbeatCount,
  ),
  probed(
    one(
      { name: "phi_probes_total", type: "counter", help: "Probes that were answered or failed." },
      (watch) => watch.probeCount,
    ),
  ),
  probed({
    name: "phi_probe_failures_total",
    type: "counter",
    help: "Probes that failed, by reason; a reason is there once it occurred.",
    labels: ["target", "reason"],
    lines: failureLines,
  }),
  probed(
    one(
      {
        name: "phi_probes_skipped_total",
        type: "counter",
        help: "Probes that were due and not sent: too many were still out, or the monitor was late.",
      },
      (watch) => watch.skippedCount,
    ),
  ),
  probed({
    name: "phi_probe_duration_seconds",
    type: "histogram",
    help: "Time from a probe's start to its end, failed probes included.",
    unit: "seconds",
    labels: ["target", "le"],
    lines: durationLines,
  }),
  one(
    {
      name: "phi_heartbeat_interval_seconds_mean",
      type: "gauge",
      help: "Mean of the sampling window's intervals; the first estimate before the first heartbeat.",
      unit: "seconds",
    },
    (watch) => watch.intervalMeanMs / 1_000,
  ),
  one(
    {
      name: "phi_heartbeat_interval_seconds_stddev",
      type: "gauge",
      help: "Standard deviation of the sampling window's intervals, before any least one is applied.",
      unit: "seconds",
    },
    (watch) => watch.intervalStdDevMs / 1_000,
  ),
  one(
    {
      name: "phi_last_heartbeat_timestamp_seconds",
      type: "gauge",
      help: "Unix time of the last heartbeat; not there before the first.",
      unit: "seconds",
    },
    readLastHeartbeatSeconds,
  ),
  one(
    {
      name: "phi_target_watched_seconds",
      type: "gauge",
      help: "How long the target has been watched, less the time in which the monitor did not run.",
      unit: "seconds",
    },
    readWatchedSeconds,
  ),
  {
    name: "phi_target_info",
    type: "info",
    help: "Always 1: the target's URL, without its query, and the labels of its config.",
    labels: ["target", "url"],
    lines: infoLines,
  },
  one(
    {
      name: "phi_tls_certificate_expiry_timestamp_seconds",
      type: "gauge",
      help: "Unix time at which the certificate that the target showed last ends.",
      unit: "seconds",
    },
    (watch) => watch.certificateExpiresWallMs / 1_000,
  ),
  ...QUALITY_SERIES,
];

/** What all observers hold of a target. */
export const COMBINED_SERIES: readonly TargetSeries[] = [
  {
    name: "phi_combined_state",
    type: "gauge",
    help: "1 for what all observers hold of the target together as this monitor knows it, 0 for the others.",
    labels: ["target", "state"],
    lines: combinedStateLines,
  },
  {
    name: "phi_combined_dissenters",
    type: "gauge",
    help: "Observers whose counted vote is another than that; for partial, those who say down.",
    labels: ["target"],
    lines: dissenterLines,
  },
  {
    name: "phi_observer_suspicion",
    type: "gauge",
    help: "Suspicion level (phi) as each observer that is heard said it last.",
    labels: ["target", "observer"],
    lines: observerSuspicionLines,
  },
];

/** What the proof of concept exported, under its names, for dashboards made for it. */
export const COMPAT_SERIES: readonly TargetSeries[] = [
  one(
    { name: "server_phivalue", type: "gauge", help: "The same as phi_suspicion." },
    readPhi,
    "server_name",
  ),
  one(
    {
      name: "server_runtime_seconds",
      type: "gauge",
      help: "The same as phi_target_watched_seconds.",
      unit: "seconds",
    },
    readWatchedSeconds,
    "server_name",
  ),
];

/** The monitor's own. They have no `target`; which monitor it is, is Prometheus' `instance`. */
export const OWN_SERIES = {
  buildInfo: {
    name: "phi_build_info",
    type: "info",
    help: "Always 1: what runs here.",
    labels: ["version", "runtime", "platform"],
  },
  targets: {
    name: "phi_targets",
    type: "gauge",
    help: "Targets under watch.",
    labels: [],
  },
  configRevision: {
    name: "phi_config_revision",
    type: "gauge",
    help: "Revision of the config that the monitor follows.",
    labels: [],
  },
  monitorPaused: {
    name: "phi_monitor_paused_seconds_total",
    type: "counter",
    help: "Time in which the monitor did not run, which is nobody's silence.",
    unit: "seconds",
    labels: [],
  },
  eventLoopLag: {
    name: "phi_event_loop_lag_seconds",
    type: "histogram",
    help: "How much later than asked for the event loop came back to the monitor.",
    unit: "seconds",
    labels: ["le"],
  },
  scheduleLag: {
    name: "phi_schedule_lag_seconds",
    type: "histogram",
    help: "How much later than due a probe was sent.",
    unit: "seconds",
    labels: ["le"],
  },
} as const satisfies Readonly<Record<string, Series>>;

/** Of the process, under the names that every Prometheus client gives them. */
export const PROCESS_SERIES = {
  cpu: {
    name: "process_cpu_seconds_total",
    type: "counter",
    help: "User and system CPU time spent.",
    unit: "seconds",
    labels: [],
  },
  residentMemory: {
    name: "process_resident_memory_bytes",
    type: "gauge",
    help: "Resident memory size.",
    unit: "bytes",
    labels: [],
  },
  virtualMemory: {
    name: "process_virtual_memory_bytes",
    type: "gauge",
    help: "Virtual memory size.",
    unit: "bytes",
    labels: [],
  },
  openFds: {
    name: "process_open_fds",
    type: "gauge",
    help: "Open file descriptors.",
    labels: [],
  },
  maxFds: {
    name: "process_max_fds",
    type: "gauge",
    help: "Most file descriptors that may be open.",
    labels: [],
  },
  startTime: {
    name: "process_start_time_seconds",
    type: "gauge",
    help: "Unix time at which the process started.",
    unit: "seconds",
    labels: [],
  },
} as const satisfies Readonly<Record<string, Series>>;

/** The whole table. */
export const SERIES: readonly Series[] = [
  ...Object.values(OWN_SERIES),
  ...Object.values(PROCESS_SERIES),
  ...Object.values(RAFT_HISTOGRAMS),
  ...Object.values(RAFT_SERIES),
  ...Object.values(OBSERVER_SERIES),
  ...Object.values(ALERT_SERIES),
  ...Object.values(HISTORY_SERIES),
  ...TARGET_SERIES,
  ...COMBINED_SERIES,
  ...COMPAT_SERIES,
];
