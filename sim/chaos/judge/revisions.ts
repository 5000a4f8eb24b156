/**
 * Judges what the clients saw of the config as a whole by its revisions, which number the committed
 * writes: they have to agree with the order of time, and every read of the whole config has to show
 * exactly the writes up to its revision. Writes of unknown outcome have no revision that anybody knows,
 * so what they wrote may be there or not.
 */
import { type ConfigOperation, type ConfigValues, isAccepted, isWrite } from "../operation.ts";
import { type Finding, some } from "./finding.ts";

/** A write at its revision. `value` is null for a delete. */
interface Commit {
  readonly revision: number;
  readonly name: string;
  readonly value: string | null;
  readonly operation: ConfigOperation;
}

interface WholeRead {
  readonly revision: number;
  readonly values: ConfigValues;
  readonly operation: ConfigOperation;
}

/** Whether revisions, time and contents agree. */
export function revisionFinding(operations: readonly ConfigOperation[]): Finding {
  const commits = commitsOf(operations);
  const reads = wholeReadsOf(operations);
  const breaches = [
    ...sharedRevisions(commits),
    ...outOfOrder(commits, reads),
    ...interruptedReplaces(commits),
    ...wrongRevisions(operations, commits),
    ...reads.flatMap((read) => wrongContents(read, commits, operations)),
  ];
  return {
    claim: "the whole config follows the order of revisions",
    isMet: breaches.length === 0,
    measured:
      breaches.length === 0
        ? `${commits.length} writes, ${reads.length} reads of the whole config`
        : some(breaches),
  };
}

/** Whether the last reads, of every monitor and after all writes, show every accepted write. */
export function lossFinding(
  operations: readonly ConfigOperation[],
  wanted: readonly string[],
): Finding {
  const commits = commitsOf(operations);
  const lastReturnedMs = Math.max(
    ...operations.filter(({ call }) => isWrite(call)).map(({ returnedAtMs }) => returnedAtMs),
  );
  const last = wholeReadsOf(operations).filter(
    ({ operation }) => operation.invokedAtMs >= lastReturnedMs,
  );
  const lost = last.flatMap((read) => wrongContents(read, commits, operations));
  const unread = wanted.filter((name) => !last.some(({ operation }) => operation.monitor === name));
  const isMet = unread.length === 0 && lost.length === 0;
  const seen =
    unread.length === 0
      ? `${commits.length} are at ${wanted.join(", ")}`
      : `the config could not be read at ${unread.join(", ")}`;
  return {
    claim: "no accepted write was lost",
    isMet,
    measured: lost.length === 0 ? seen : some(lost),
  };
}

function commitsOf(operations: readonly ConfigOperation[]): Commit[] {
  const commits = operations.filter(isAccepted).flatMap((operation): Commit[] => {
    const { call, outcome } = operation;
    if (outcome.kind !== "written" || call.kind === "get" || call.kind === "readAll") return [];
    const value = call.kind === "delete" ? null : call.value;
    return [{ revision: outcome.revision, name: call.name, value, operation }];
  });
  return commits.toSorted((a, b) => a.revision - b.revision);
}

function wholeReadsOf(operations: readonly ConfigOperation[]): WholeRead[] {
  return operations.flatMap((operation) => {
    const { outcome } = operation;
    if (outcome.kind !== "foundAll") return [];
    return [{ revision: outcome.revision, values: outcome.values, operation }];
  });
}

function sharedRevisions(commits: readonly Commit[]): string[] {
  return commits
    .filter(({ revision }, index) => commits[index + 1]?.revision === revision)
    .map(({ revision }) => `two writes were answered with revision ${revision}`);
}

/** What began after something had been answered must not be before it. */
function outOfOrder(commits: readonly Commit[], reads: readonly WholeRead[]): string[] {
  const seen = [...commits, ...reads];
  const answered = seen.toSorted((a, b) => a.operation.returnedAtMs - b.operation.returnedAtMs);
  const begun = seen.toSorted((a, b) => a.operation.invokedAtMs - b.operation.invokedAtMs);
  const breaches: string[] = [];
  let next = 0;
  let highest = 0;
  for (const { revision, operation } of begun) {
    while (next < answered.length && isBefore(answered[next]!.operation, operation)) {
      highest = Math.max(highest, answered[next]!.revision);
      next++;
    }
    // A read may show the same as the one before; a write is a revision further.
    const isRead = operation.call.kind === "readAll";
    if (revision > highest || (isRead && revision === highest)) continue;
    const what = isRead ? "a read" : "a write";
    breaches.push(`${what} of revision ${revision} began after ${highest} had been answered`);
  }
  return breaches;
}

function isBefore(earlier: ConfigOperation, later: ConfigOperation): boolean {
  return earlier.returnedAtMs < later.invokedAtMs;
}

/** Between what a replace was based on and what it left, nobody else may have written. */
function interruptedReplaces(commits: readonly Commit[]): string[] {
  return commits.flatMap(({ operation: { call }, revision }) => {
    if (call.kind !== "replaceAll") return [];
    const between = commits.find(
      (other) => other.revision > call.ifRevision && other.revision < revision,
    );
    if (between === undefined) return [];
    return [`a replace of ${call.ifRevision} as ${revision} passed over ${between.revision}`];
  });
}

/** A target's value is read at the revision with which its write was answered. */
function wrongRevisions(
  operations: readonly ConfigOperation[],
  commits: readonly Commit[],
): string[] {
  const revisions = new Map(commits.map(({ value, revision }) => [value, revision]));
  return operations.flatMap(({ call, outcome }) => {
    if (call.kind !== "get" || outcome.kind !== "found") return [];
    const written = revisions.get(outcome.value);
    if (written === undefined || written === outcome.revision) return [];
    return [`${outcome.value} was written as ${written} and read as ${outcome.revision}`];
  });
}

function wrongContents(
  { revision, values }: WholeRead,
  commits: readonly Commit[],
  operations: readonly ConfigOperation[],
): string[] {
  const expected = new Map<string, string | null>();
  for (const commit of commits) {
    if (commit.revision <= revision) expected.set(commit.name, commit.value);
  }
  const names = new Set([...expected.keys(), ...Object.keys(values)]);
  return [...names].flatMap((name) => {
    const found = values[name] ?? null;
    const wanted = expected.get(name) ?? null;
    if (found === wanted || isPossible(found, name, operations)) return [];
    return [
      `at revision ${revision} ${name} is ${found ?? "absent"} instead of ${wanted ?? "absent"}`,
    ];
  });
}

/** Whether a write of unknown outcome may have made it so. */
function isPossible(
  found: string | null,
  name: string,
  operations: readonly ConfigOperation[],
): boolean {
  return operations.some(({ call, outcome }) => {
    if (outcome.kind !== "unknown" || call.kind === "get" || call.kind === "readAll") return false;
    return call.name === name && (call.kind === "delete" ? null : call.value) === found;
  });
}
