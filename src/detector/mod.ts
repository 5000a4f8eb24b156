/** Heartbeats in, suspicion out. */
export { createModel } from "./create_model.ts";
export type { ModelOptions } from "./create_model.ts";
export { createTimeout } from "./create_timeout.ts";
export { ModelDetector } from "./model_detector.ts";
export { PhiAccrualDetector } from "./phi_accrual_detector.ts";
export type { DetectorMemory, PhiAccrualDetectorOptions } from "./phi_accrual_detector.ts";
export { phiOf } from "./suspicion.ts";
export type { SuspicionModel } from "./suspicion_model.ts";
export type { TimeoutModel } from "./timeout_model.ts";
