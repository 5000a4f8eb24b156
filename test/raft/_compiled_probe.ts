/**
 * Compiled by a test into a binary of its own: keeps a store in a Worker, and prints what it found. Its
 * argument is the directory.
 */
import { openRaftStorage } from "../../src/bun/mod.ts";

const result = await openRaftStorage({ directory: process.argv[2]!, id: "a", clusterId: "c" });
if (!result.ok) throw new Error(result.error.detail);
const { storage, stored } = result;
const index = stored.entries.length + 1;
const written = await new Promise((resolve) => {
  const entries = [{ index, term: 1, body: { kind: "noop" } }] as const;
  storage.store({ hardState: { term: 1, vote: "a", commit: 0 }, entries }, resolve);
});
await storage.close();
console.log(JSON.stringify({ main: Bun.main, found: stored.entries.length, written }));
