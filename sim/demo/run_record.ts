/**
 * What `make run` started, written down so that `make docker-compose-down` finds it from another
 * terminal: one file for each run, named by the process that looks after the others.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { ProcessIdentity } from "./process_identity.ts";

export interface RunRecord {
  readonly runner: ProcessIdentity;
  readonly children: readonly ProcessIdentity[];
}

const NAME = /^demo-(?<pid>\d+)\.json$/u;

export interface StoredRecord {
  readonly path: string;
  readonly record: RunRecord;
}

export function writeRecord(directory: string, record: RunRecord): StoredRecord {
  mkdirSync(directory, { recursive: true });
  const path = join(directory, `demo-${record.runner.pid}.json`);
  writeFileSync(path, `${JSON.stringify(record, null, 2)}\n`);
  return { path, record };
}

/** Where the monitors of a run keep their data. It goes with the run's record. */
export function dataDirectoryOf(directory: string, runnerPid: number): string {
  return join(directory, `data-${runnerPid}`);
}

export function deleteRecord({ path }: StoredRecord): void {
  const runnerPid = Number(NAME.exec(basename(path))!.groups!["pid"]);
  rmSync(dataDirectoryOf(dirname(path), runnerPid), { recursive: true, force: true });
  rmSync(path, { force: true });
}

/** Those that can be read; a half-written one is of a run that is about to end anyway. */
export function readRecords(directory: string): StoredRecord[] {
  const found: StoredRecord[] = [];
  for (const name of listDirectory(directory)) {
    if (!NAME.test(name)) continue;
    const path = join(directory, name);
    try {
      const record: unknown = JSON.parse(readFileSync(path, "utf8"));
      if (isRecord(record)) found.push({ path, record });
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
    }
  }
  return found;
}

function listDirectory(directory: string): string[] {
  try {
    return readdirSync(directory);
  } catch {
    // Nothing was ever run from here.
    return [];
  }
}

function isRecord(value: unknown): value is RunRecord {
  if (typeof value !== "object" || value === null) return false;
  if (!("runner" in value) || !("children" in value) || !Array.isArray(value.children))
    return false;
  return [value.runner, ...value.children].every(isIdentity);
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return (
    typeof value === "object" &&
    value !== null &&
    "pid" in value &&
    Number.isSafeInteger(value.pid) &&
    "started" in value &&
    typeof value.started === "string"
  );
}
