import { Database } from "bun:sqlite";
import { expect, test } from "bun:test";
import { applySettings } from "./sqlite.ts";

test("applySettings() refuses a setting that does not read back as it should", () => {
  using database = new Database(":memory:");
  const settings = [
    { pragma: "synchronous", set: "FULL", reads: 2 },
    // A database in memory has no write-ahead log, and SQLite does not say so by itself.
    { pragma: "journal_mode", set: "WAL", reads: "wal" },
  ];
  expect(() => applySettings(database, settings)).toThrow(
    'SQLite\'s setting "journal_mode" is memory; it has to be wal',
  );
});
