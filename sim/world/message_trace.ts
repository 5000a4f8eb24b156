/** What of a message or an effect goes into the trace hash: its kind and all its numbers. */
import type { Effect, Message } from "../../src/raft/mod.ts";
import type { TraceHash } from "./trace_hash.ts";
import { bodyHash } from "./invariants/body_hash.ts";

const MESSAGE_KINDS: Readonly<Record<Message["kind"], number>> = {
  preVoteRequest: 1,
  preVoteResponse: 2,
  voteRequest: 3,
  voteResponse: 4,
  appendRequest: 5,
  appendResponse: 6,
  heartbeatRequest: 7,
  heartbeatResponse: 8,
  installSnapshot: 9,
  timeoutNow: 10,
  proposeRequest: 11,
  proposeResponse: 12,
  readIndexRequest: 13,
  readIndexResponse: 14,
};

export function traceMessage(trace: TraceHash, message: Message, from: number, to: number): void {
  trace.add((MESSAGE_KINDS[message.kind] << 16) | (from << 8) | to);
  trace.add(message.term);
  switch (message.kind) {
    case "preVoteRequest":
    case "voteRequest":
      trace.add(message.lastLogIndex);
      return trace.add(message.lastLogTerm);
    case "preVoteResponse":
    case "voteResponse":
      return trace.add(message.isGranted ? 1 : 0);
    case "appendRequest":
      trace.add(message.prevLogIndex);
      trace.add(message.leaderCommit);
      for (const { body } of message.entries) trace.add(bodyHash(body));
      return;
    case "appendResponse": {
      const { result } = message;
      return trace.add(result.ok ? result.matchIndex : -1 - result.hintIndex);
    }
    case "heartbeatRequest":
      trace.add(message.leaderCommit);
      return trace.add(message.round);
    case "heartbeatResponse":
      return trace.add(message.round);
    case "installSnapshot":
      trace.add(message.snapshot.index);
      return trace.add(message.snapshot.checksum);
    case "proposeRequest":
      return trace.add(message.proposal.id.sequence);
    case "proposeResponse":
    case "readIndexRequest":
      return trace.add(message.id.sequence);
    case "readIndexResponse":
      trace.add(message.id.sequence);
      return trace.add(message.index ?? -1);
    case "timeoutNow":
      return;
  }
}

/** Sends are traced as messages. */
export function traceEffect(trace: TraceHash, effect: Effect): void {
  switch (effect.kind) {
    case "store": {
      const { token, write } = effect;
      trace.add(token.sequence);
      trace.add(token.lastIndex);
      trace.add(write.hardState?.commit ?? -1);
      trace.add(write.snapshot?.checksum ?? -1);
      return trace.add(write.compactThrough ?? -1);
    }
    case "apply":
      return trace.add(effect.entries.at(-1)?.index ?? -1);
    case "role":
      trace.addText(effect.role);
      return trace.add(effect.term);
    case "readReady":
      return trace.add(effect.index);
    case "sendSnapshot":
      return trace.add(effect.index);
    case "dropped":
      return trace.addText(effect.reason);
    case "send":
      return;
  }
}
