/** The record of a soak as a picture. */
import { type Answer, answersOf, lagBetweenMs, probesOf } from "./figures.ts";
import { type Figure, soakPlot } from "./plot.ts";
import type { SoakRecord } from "./record.ts";

export function soakPicture(record: SoakRecord): string {
  const { monitors, troubles, targetCount, minutes } = record;
  const ofProcess = (title: string, value: "residentMb" | "descriptors"): Figure => ({
    title,
    lines: monitors.map(({ id, processLooks }) => ({
      name: id,
      points: processLooks.map((look) => ({ atMs: look.atMs, value: look[value] })),
    })),
  });
  const between = (title: string, value: (from: Answer, to: Answer) => number): Figure => ({
    title,
    lines: monitors.map(({ id, metricsLooks }) => ({
      name: id,
      points: answersOf(metricsLooks).flatMap((to, index, answers) => {
        const from = answers[index - 1];
        return from === undefined ? [] : [{ atMs: to.answeredMs, value: value(from, to) }];
      }),
    })),
  });
  const figures = [
    ofProcess("resident memory, MB", "residentMb"),
    ofProcess("descriptors", "descriptors"),
    between("lag of the event loop, p99, ms", lagBetweenMs),
    between("probes missed, %", (from, to) => {
      const [expected, missed] = probesOf(from, to, record);
      return Math.max(0, (100 * missed) / expected);
    }),
    between("probes failed", (from, to) => to.metrics.failedProbes - from.metrics.failedProbes),
  ];
  // It may have ended early, and it ends in a calm of its own.
  const timesMs = figures.flatMap(({ lines }) =>
    lines.flatMap(({ points }) => points.map(({ atMs }) => atMs)),
  );
  const durationMs = timesMs.reduce((most, atMs) => Math.max(most, atMs), 1);
  const title = `${targetCount} targets for ${minutes} minutes, with faults`;
  return soakPlot(title, durationMs, figures, troubles);
}
