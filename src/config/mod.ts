export type { MonitorSettings, Target } from "./target.ts";
