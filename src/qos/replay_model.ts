/**
 * What replay judges: a detector under the name that people know it by, as something that can be made
 * afresh for a trace and asked, after every heartbeat, for the silence at which it would suspect. Those
 * with a φ are asked by φ, the others by the parameter that is theirs.
 */
import type { SuspicionModel, TimeoutModel } from "../detector/mod.ts";

/** What is known of a target before it is watched. */
export interface ReplaySetting {
  /** The gap to expect, in milliseconds: the median of those that are learnt and not judged. */
  readonly intervalMs: number;
}

/** By the names that the config has for them. */
export type StatedSettings = Readonly<Record<string, string | number>>;

export type ReplayModel = {
  readonly name: string;
  /**
   * What a config says under `monitor` to have it, with this threshold; undefined if no config takes that. Without the
   * function no monitor can be told to use it: it is there to be compared with.
   */
  readonly monitorSettings?: (
    setting: ReplaySetting,
    threshold: number,
  ) => StatedSettings | undefined;
} & (
  | {
      readonly kind: "phi";
      /**
       * What a gap in which the threshold was reached teaches: `whole` as any other, or nothing but that
       * it was at least so long, as in Akka's detector. Then what is learnt depends on the threshold, and
       * each one has a history of its own.
       */
      readonly suspectedGap: "whole" | "at-least";
      readonly create: (setting: ReplaySetting) => SuspicionModel;
    }
  | {
      readonly kind: "timeout";
      /** What its parameter is, in a word or two. */
      readonly parameter: string;
      readonly create: (setting: ReplaySetting) => TimeoutModel;
    }
);
