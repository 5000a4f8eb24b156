/** A verdict changed: tell somebody, once it is agreed that it is to be told. */
export { Alerts } from "./alerts.ts";
export type { AlertsWorld } from "./alerts.ts";
export { readWebhookSecret } from "./signature.ts";
export { isMatch } from "./silencing.ts";
export { HOLDS, STANDINGS } from "./reading.ts";
export type {
  AlertFacts,
  AlertsReading,
  AlertsStatus,
  Hold,
  IncidentReading,
  ReceiverReading,
  SilenceResult,
  Standing,
} from "./reading.ts";
