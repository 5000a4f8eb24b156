/** What the tests of every `ConfigStore` share: how one is made, and how it is read. */
import { expect } from "bun:test";
import type { Target } from "../../src/config/mod.ts";
import type { ConfigLimits, ConfigSnapshot, ConfigStore } from "../../src/store/mod.ts";
import { makeTarget } from "./target.ts";

/** An empty store with these limits. It must be available, and stay so. */
export type MakeConfigStore = (limits: ConfigLimits) => ConfigStore | Promise<ConfigStore>;

export const MAX_TARGETS = 6;
export const MAX_KEYS = 4;
/** A store may count more entries than writes, but not that many more. */
export const KEYS_EXPIRE_AFTER = 200;

export function target(name: string, intervalMillis = 1_000): Target {
  return makeTarget({ name, intervalMillis });
}

/** A linearizable read, which has to agree with the local one where nobody else writes. */
export async function readAll(store: ConfigStore): Promise<ConfigSnapshot> {
  const local = store.readLocal();
  const read = await store.read();
  if (!read.ok) throw new Error(`The store cannot be read: ${read.detail}`);
  expect(read.snapshot).toEqual(local);
  return read.snapshot;
}

export async function namesOf(store: ConfigStore): Promise<string[]> {
  return [...(await readAll(store)).targets.keys()];
}

/** An empty store with the limits of the suite. */
export type Make = () => ConfigStore | Promise<ConfigStore>;
