/** The record of a soak as a picture. */
import { type Figure, soakPlot } from "./plot.ts";
import type { SoakRecord } from "./record.ts";

export function soakPicture({ monitors, troubles, targetCount, minutes }: SoakRecord): string {
  const ofProcess = (title: string, value: "residentMb" | "descriptors"): Figure => ({
    title,
    lines: monitors.map(({ id, processLooks }) => ({
      name: id,
      points: processLooks.map((look) => ({ atMs: look.atMs, value: look[value] })),
    })),
  });
  const ofMetrics = (title: string, value: "skippedProbes" | "failedProbes"): Figure => ({
    title,
    lines: monitors.map(({ id, metricsLooks }) => ({
      name: id,
      points: metricsLooks.flatMap(({ askedMs, metrics }) =>
        metrics === undefined ? [] : [{ atMs: askedMs, value: metrics[value] }],
      ),
    })),
  });
  const figures = [
    ofProcess("resident memory, MB", "residentMb"),
    ofProcess("descriptors", "descriptors"),
    ofMetrics("probes skipped, as they say", "skippedProbes"),
    ofMetrics("probes failed", "failedProbes"),
  ];
  // It may have ended early, and it ends in a calm of its own.
  const timesMs = figures.flatMap(({ lines }) =>
    lines.flatMap(({ points }) => points.map(({ atMs }) => atMs)),
  );
  const durationMs = timesMs.reduce((most, atMs) => Math.max(most, atMs), 1);
  const title = `${targetCount} targets for ${minutes} minutes, with faults`;
  return soakPlot(title, durationMs, figures, troubles);
}
