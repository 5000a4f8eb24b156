/** May this address be contacted, and where to connect instead. */
export { allowedAmong } from "./allowed_among.ts";
export type { AllowedAmong } from "./allowed_among.ts";
export { parseConnectTo } from "./connect_to.ts";
export type { ConnectTo, ConnectToResult } from "./connect_to.ts";
export { parseNetPolicy } from "./net_policy.ts";
export type { NetCheck, NetPolicy, NetPolicyResult } from "./net_policy.ts";
