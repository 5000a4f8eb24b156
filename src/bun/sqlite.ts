/** What the stores on SQLite share: settings that are seen to have been taken, and errors that are told apart. */
import type { Database } from "bun:sqlite";

export interface Setting {
  readonly pragma: string;
  readonly set: string;
  /** What SQLite has to say when asked. */
  readonly reads: string | number;
}

/** Sets all of it and reads it back. Throws where SQLite did not do as told. */
export function applySettings(database: Database, settings: readonly Setting[]): void {
  for (const { pragma, set, reads } of settings) {
    database.run(`PRAGMA ${pragma} = ${set}`);
    const found = readPragma(database, pragma);
    if (found !== reads) {
      throw new Error(`SQLite's setting "${pragma}" is ${String(found)}; it has to be ${reads}`);
    }
  }
}

export function readPragma(database: Database, pragma: string): unknown {
  const row = database.query<Record<string, unknown>, []>(`PRAGMA ${pragma}`).get();
  return Object.values(row ?? {})[0];
}

/** The error's code, such as `SQLITE_FULL` or `ENOSPC`; empty if it has none. */
export function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** What SQLite says of a file that is not as it left it; the last, of one that was cut off. */
const DAMAGE_CODES = ["SQLITE_CORRUPT", "SQLITE_NOTADB", "SQLITE_IOERR_SHORT_READ"];

/** Whether an error means that the file itself is not what it was. */
export function isDamage(error: unknown): boolean {
  const code = codeOf(error);
  return DAMAGE_CODES.some((damage) => code.startsWith(damage));
}

/** An error of SQLite or the system in words, its code among them. */
export function describeError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const code = codeOf(error);
  return code === "" || message.includes(code) ? message : `${message} (${code})`;
}
