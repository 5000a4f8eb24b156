/**
 * Why a store is not opened. A store that cannot be trusted to hold all that was acknowledged must
 * not vote, so nothing here is repaired or cut off: the refusal says what is wrong, where, and what a
 * person can do about it.
 */
import { codeOf, describeError, isDamage } from "../sqlite.ts";

/** The kinds that a program tells apart; the rest is for people. */
export type RefusalKind =
  /** Something that was written is gone or changed. */
  | "damaged"
  /** It belongs to another member. */
  | "otherMember"
  | "otherCluster"
  /** A later version of phi wrote it, or something else than phi. */
  | "unknownFormat"
  /** Another process, or another part of this one, has it open. */
  | "inUse"
  /** There is none, and not enough was given to begin one. Nothing was created. */
  | "missing"
  /** The system does not let it: permissions, a full disk, an I/O error. */
  | "cannotOpen";

export interface RaftStorageRefusal {
  readonly kind: RefusalKind;
  /** What is wrong, with the file, and the table and row where there is one. */
  readonly detail: string;
  /** What to do about it. */
  readonly remedy: string;
}

/** Thrown while a store is being opened, and turned into a value at the edge of this folder. */
export class StoreRefused extends Error {
  override readonly name = "StoreRefused";
  readonly refusal: RaftStorageRefusal;

  constructor(refusal: RaftStorageRefusal, cause?: unknown) {
    super(`${refusal.detail}. ${refusal.remedy}`, { cause });
    this.refusal = refusal;
  }
}

const REPLACE_MEMBER =
  "Do not repair it: this member can no longer keep its promises. Remove it from the cluster, then " +
  "start it with an empty data directory, a new id and --join";

export function damaged(detail: string, cause?: unknown): StoreRefused {
  return new StoreRefused({ kind: "damaged", detail, remedy: REPLACE_MEMBER }, cause);
}

export function inUse(detail: string): StoreRefused {
  const remedy = "Stop the process that uses it, or take another data directory";
  return new StoreRefused({ kind: "inUse", detail, remedy });
}

export function cannotOpen(detail: string, cause?: unknown): StoreRefused {
  const remedy =
    "Make the data directory readable and writable, with room on its disk, and start again";
  return new StoreRefused({ kind: "cannotOpen", detail, remedy }, cause);
}

/** What an error means for a store that is being opened; `where` names the file. */
export function refusalOf(error: unknown, where: string): RaftStorageRefusal {
  if (error instanceof StoreRefused) return error.refusal;
  const code = codeOf(error);
  const detail = `${where}: ${describeError(error)}`;
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return inUse(`${where} is in use`).refusal;
  }
  if (isDamage(error)) return damaged(detail, error).refusal;
  return cannotOpen(detail, error).refusal;
}
