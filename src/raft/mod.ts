/** A replicated log: what happens in, what is to be done out. It knows nothing of targets. */
export { RaftMember } from "./member.ts";
export type { MemberOptions, MemberStatus, MemberWorld } from "./member.ts";
export type { RaftOptions } from "./options.ts";
export type { ProposalOutcome, ReadOutcome } from "./pending_requests.ts";
export type { BriefStatus, PeerStatus, RaftStatus } from "./status.ts";
export type { Command, Dropped, Effect, Input, LogWrite, Role, StoreToken } from "./step.ts";
export { crc32c } from "./crc32c.ts";
export { entryBytes, INITIAL_HARD_STATE, isNodeId } from "./entry.ts";
export type { Entry, EntryBody, HardState, LogPosition, NodeId, RequestId } from "./entry.ts";
export {
  changeMembership,
  isLearner,
  isMember,
  isVoter,
  membershipOf,
  membersOf,
  NO_MEMBERSHIP,
} from "./membership.ts";
export type { Member, Membership, MembershipChange, MembershipResult } from "./membership.ts";
export { isForwardedCommand, RAFT_FORMAT_VERSION } from "./message.ts";
export type {
  Envelope,
  Message,
  MessageBody,
  MessageKind,
  MessageOf,
  Proposal,
  Refusal,
} from "./message.ts";
export { createSnapshot, firstSnapshot, isSnapshotIntact } from "./snapshot.ts";
export type { Snapshot } from "./snapshot.ts";
export type { LogStorage, SnapshotReadResult, StoredState, StoreResult } from "./log_storage.ts";
export type { AppliedCommand, ApplyResult, StateMachine } from "./state_machine.ts";
export type { Transport } from "./transport.ts";
export type { DecodeResult } from "./codec/byte_reader.ts";
export { decodeEntryBody, encodeEntryBody } from "./codec/entry_codec.ts";
export { decodeMembership, encodeMembership } from "./codec/membership_codec.ts";
export { decodeMessage, encodeMessage } from "./codec/message_codec.ts";
export { SESSION_REFUSALS, SessionStateMachine, sessionRefusalOf } from "./sessions.ts";
export type { SessionOptions, SessionRefusal } from "./sessions.ts";
export { decodeSessionId, encodeOnce, encodeOpenSession, encodeRun } from "./sessions_codec.ts";
export type { SessionLimits } from "./sessions_table.ts";
