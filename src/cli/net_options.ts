/** The flags that say which addresses may be contacted, as two commands have them. */
import { parseConnectTo, parseNetPolicy, type ConnectTo, type NetPolicy } from "../net_policy/mod.ts";

export interface NetFlags {
  readonly allowNet?: string[];
  readonly connectTo?: string[];
}

export interface NetOptions {
  readonly policy: NetPolicy;
  readonly connectTo: ConnectTo;
}

export type NetOptionsResult =
  | { readonly ok: true; readonly options: NetOptions }
  | { readonly ok: false; readonly detail: string };

/** Collects a flag that may stand several times, each with a comma-separated list. */
export function collectList(text: string, before: string[] | undefined): string[] {
  return [...(before ?? []), ...text.split(",").filter((entry) => entry.trim() !== "")];
}
