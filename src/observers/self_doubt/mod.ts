/** Whether a monitor trusts itself. */
export { SelfDoubt } from "./self_doubt.ts";
export type {
  SelfDoubtChange,
  SelfDoubtOptions,
  SelfDoubtReading,
  SelfDoubtWorld,
} from "./self_doubt.ts";
export type { SelfProbeResult } from "./self_probe.ts";
