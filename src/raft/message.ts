/**
 * What members say to each other: the RPCs of the Raft paper and thesis as one-way messages, plus
 * PreVote, ReadIndex and forwarding. Every message names its cluster and its format version, so that
 * one that strayed is refused rather than believed. Values here are plain data; that they make sense
 * is checked (`check_message.ts`) before anything acts on them.
 */
import type { Entry, NodeId, RequestId } from "./entry.ts";
import type { MembershipChange } from "./membership.ts";
import type { Snapshot } from "./snapshot.ts";

/** The format of messages and entries that this version writes. It reads no other. */
export const RAFT_FORMAT_VERSION = 1;

export interface Envelope {
  readonly clusterId: string;
  readonly version: number;
  readonly from: NodeId;
  readonly to: NodeId;
  /** The sender's term, but for a `preVoteRequest` and a granted `preVoteResponse`: the term asked for. */
  readonly term: number;
}

/** A proposal on its way into the log: its attempt, and what is to be done. */
export interface Proposal {
  readonly id: RequestId;
  readonly body:
    | { readonly kind: "command"; readonly data: Uint8Array }
    | { readonly kind: "change"; readonly change: MembershipChange };
}

type CommandProposal = Proposal & { readonly body: { readonly kind: "command" } };

/**
 * What is known of a proposal or read that did not go through. `dropped`: this attempt has had no
 * effect and never will. `unknown`: it may have, or may yet have.
 */
export type Refusal = "dropped" | "unknown";

export type MessageBody =
  /** Thesis §9.6: would you vote for me? Binds nobody. */
  | {
      readonly kind: "preVoteRequest";
      readonly lastLogIndex: number;
      readonly lastLogTerm: number;
    }
  | { readonly kind: "preVoteResponse"; readonly isGranted: boolean }
  | {
      readonly kind: "voteRequest";
      readonly lastLogIndex: number;
      readonly lastLogTerm: number;
      /** The leader asked for this election, so nobody has to protect it (thesis §4.2.3). */
      readonly isTransfer: boolean;
    }
  | { readonly kind: "voteResponse"; readonly isGranted: boolean }
  | {
      readonly kind: "appendRequest";
      readonly prevLogIndex: number;
      readonly prevLogTerm: number;
      /** Follow on `prevLogIndex` without a gap. May be empty. */
      readonly entries: readonly Entry[];
      readonly leaderCommit: number;
    }
  | {
      readonly kind: "appendResponse";
      readonly result:
        /** The sender's log is the leader's up to here, durably. */
        | { readonly ok: true; readonly matchIndex: number }
        | {
            readonly ok: false;
            /** The request's `prevLogIndex`. */
            readonly rejectedIndex: number;
            /** The leader's log may agree at or before here; 0 if nowhere. */
            readonly hintIndex: number;
            /** The sender's term at `hintIndex`. */
            readonly hintTerm: number;
          };
    }
  | {
      readonly kind: "heartbeatRequest";
      /** min(matchIndex of the receiver, commitIndex): never more than it is known to hold. */
      readonly leaderCommit: number;
      /** Which round of this leadership. An answer confirms the reads that came before that round. */
      readonly round: number;
    }
  | { readonly kind: "heartbeatResponse"; readonly round: number }
  /** Goes by its own stream; answered by an `appendResponse`. */
  | { readonly kind: "installSnapshot"; readonly snapshot: Snapshot }
  /** Thesis §3.10: start an election now. */
  | { readonly kind: "timeoutNow" }
  /** Forwarded once, to the leader of exactly `term`. */
  | { readonly kind: "proposeRequest"; readonly proposal: Proposal }
  | {
      readonly kind: "proposeResponse";
      readonly id: RequestId;
      readonly outcome: Refusal;
      readonly reason: string;
    }
  | { readonly kind: "readIndexRequest"; readonly id: RequestId }
  | {
      readonly kind: "readIndexResponse";
      readonly id: RequestId;
      /** Undefined: the read was not taken up; ask again, under a new id. */
      readonly index: number | undefined;
    };

export type Message = Envelope & MessageBody;
export type MessageKind = MessageBody["kind"];
/** The message of one kind. */
export type MessageOf<Kind extends MessageKind> = Envelope & Extract<MessageBody, { kind: Kind }>;
/** A command that a peer has put to this member, and not a change of the membership. */
export type ForwardedCommand = MessageOf<"proposeRequest"> & { readonly proposal: CommandProposal };

export function isForwardedCommand(message: Message): message is ForwardedCommand {
  return message.kind === "proposeRequest" && message.proposal.body.kind === "command";
}
