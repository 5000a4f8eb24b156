/** Reads --allow-net and --connect-to into a policy and a mapping, or says what is wrong with them. */
import {
  parseConnectTo,
  parseNetPolicy,
  type ConnectTo,
  type NetPolicy,
} from "../net_policy/mod.ts";
import type { NetArguments } from "./net_flags.ts";

export interface NetOptions {
  readonly policy: NetPolicy;
  readonly connectTo: ConnectTo;
}

export type NetOptionsResult =
  | { readonly ok: true; readonly options: NetOptions }
  | { readonly ok: false; readonly detail: string };

export function readNetFlags(flags: NetArguments): NetOptionsResult {
  const connectTo = parseConnectTo(flags.connectTo ?? []);
  if (!connectTo.ok) return { ok: false, detail: `--connect-to: ${connectTo.detail}` };
  const policy = parseNetPolicy(flags.allowNet ?? []);
  if (!policy.ok) return { ok: false, detail: `--allow-net: ${policy.detail}` };
  return { ok: true, options: { policy: policy.policy, connectTo: connectTo.connectTo } };
}
