/**
 * Compiled by a test into a binary of its own: keeps a store and a history in their Workers, and prints what it
 * found. Its argument is the directory.
 */
import { openHistoryStorage, openRaftStorage } from "../../src/bun/mod.ts";

const result = await openRaftStorage({ directory: process.argv[2]!, id: "a", clusterId: "c" });
if (!result.ok) throw new Error(result.error.detail);
const { storage, stored } = result;
const index = stored.entries.length + 1;
const written = await new Promise((resolve) => {
  const entries = [{ index, term: 1, body: { kind: "noop" } }] as const;
  storage.store({ hardState: { term: 1, vote: "a", commit: 0 }, entries }, resolve);
});
const history = openHistoryStorage({
  directory: process.argv[2]!,
  limits: { maxAgeMs: 86_400_000, maxBytes: 1024 * 1024 },
  nowWallMs: 0,
  onNotice: console.error,
});
const remembered = (await history.saved).length;
const saved = [{ target: "a", bytes: new Uint8Array(8) }];
const kept = await new Promise((resolve) => {
  const batch = { nowWallMs: 0, changes: [], phi: null, saved, forgotten: [] };
  history.storage.write(batch, resolve);
});
await history.storage.close();
await storage.close();
const found = stored.entries.length;
console.log(JSON.stringify({ main: Bun.main, found, written, remembered, kept }));
