/** What the monitors tell each other of their targets, and what they hold of them together. */
export { NO_DOUBTS, Observers } from "./observers.ts";
export type { DoubtSource, ObserversWorld } from "./observers.ts";
export type { ExchangeWire } from "./teller.ts";
export { COMBINED_VERDICTS } from "../verdict/mod.ts";
export type { CombinedVerdict } from "../verdict/mod.ts";
export { DOUBT_WORDS, DOUBTS } from "../verdict/mod.ts";
export type { Doubt } from "../verdict/mod.ts";
export type {
  CombinedChange,
  CombinedReading,
  ObserverChange,
  ObserverReading,
  ObserversReading,
  Vote,
} from "./reading.ts";
export { SelfDoubt } from "./self_doubt/mod.ts";
export type {
  SelfDoubtChange,
  SelfDoubtOptions,
  SelfDoubtReading,
  SelfDoubtWorld,
  SelfProbeResult,
} from "./self_doubt/mod.ts";
