export { PhiAccrualDetector } from "./phi_accrual_detector.ts";
export type { DetectorMemory, PhiAccrualDetectorOptions } from "./phi_accrual_detector.ts";
export { phiOf } from "./suspicion.ts";
