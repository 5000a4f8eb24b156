/**
 * Frames that a peer with the secret may send although no correct one does: Raft messages whose numbers lie
 * around those of the attacked member, whole or mutated; views of targets; snapshots that are not what they
 * say; frames of the wrong kind, or without end. Left out is what a peer with the secret may rightly ask for:
 * a command that can be read, a change of the members that makes sense.
 */
import {
  encodeMessage,
  type Entry,
  type Membership,
  type Message,
  type MessageBody,
  RAFT_FORMAT_VERSION,
} from "../../../src/raft/mod.ts";
import type { Random } from "../../world/random.ts";
import { mutate, randomBytes, textOf } from "../mutation.ts";
import { codeOf, type FrameKind, FRAME_KINDS, uint16, uint32, uint64 } from "./wire.ts";

/** Of the attacked member, some time ago. */
export interface Place {
  readonly clusterId: string;
  readonly id: string;
  readonly term: number;
  readonly commitIndex: number;
  readonly lastIndex: number;
}

export interface HostileFrame {
  readonly code: number;
  readonly payload: string;
  readonly label: string;
}

const named = (kind: FrameKind, payload: string, label = kind as string): HostileFrame => ({
  code: codeOf(kind),
  payload,
  label,
});

/** What `from` sends on a connection for the log, which stands all of it: what makes no sense is passed over. */
export function makeLogFrame(random: Random, from: string, place: Place): HostileFrame {
  switch (random.below(8)) {
    case 0:
      return named("exchange", view(random));
    case 1:
      return named("exchange", mutate(random, view(random)), "exchange, mutated");
    case 2:
    case 3:
    case 4:
      return named("messages", messages(random, from, place, true), "messages, mutated");
    default:
      return named("messages", messages(random, from, place, false));
  }
}

/** What ends a connection. */
export function makeLastFrame(random: Random, from: string, place: Place): HostileFrame {
  switch (random.below(3)) {
    case 0:
      return named("messages", randomBytes(random, random.between(1, 200)), "messages, random");
    case 1: {
      const batch = `${messages(random, from, place, false)}${uint32(random.bits() | 1)}`;
      return named("messages", batch, "messages, with a wrong length");
    }
    default:
      return wrongKind(random);
  }
}

/** What is sent on a connection for a snapshot, in its order. */
export function makeSnapshotFrames(random: Random, from: string, place: Place): HostileFrame[] {
  const snapshot = textOf(encodeMessage(hostileMessage(random, from, place, "installSnapshot")));
  const text = random.chance(0.5) ? mutate(random, snapshot) : snapshot;
  const promised = random.pick([
    text.length,
    text.length,
    text.length + 1,
    text.length - 1,
    0,
    1,
    2 ** 30,
    2 ** 30 + 1,
    2 ** 53 - 1,
  ]);
  const frames = [
    named("snapshot", random.chance(0.9) ? uint64(promised) : randomBytes(random, 9)),
  ];
  for (let at = 0; at < text.length;) {
    const end = Math.min(text.length, at + random.between(1, 2_000));
    frames.push(named("chunk", text.slice(at, end)));
    at = end;
  }
  if (random.chance(0.2)) frames.push(wrongKind(random));
  if (random.chance(0.2)) frames.push(named("chunk", ""));
  return random.chance(0.2) ? random.shuffled(frames) : frames;
}

function wrongKind(random: Random): HostileFrame {
  const label = "wrong kind";
  const payload = randomBytes(random, random.below(40));
  if (random.chance(0.3)) return { code: random.pick([0, 11, 255]), payload, label };
  return { ...named(random.pick(FRAME_KINDS), payload), label };
}

const SIXTEEN = "\u0041\u0080\0\0";
const NO_PHI = ["\u007f\u0080\0\0", "\u007f\u00c0\0\0", "\u00ff\u0080\0\0"];

/** One in which nothing is wrong, and one of a version that is not known. */
export const GOOD_VIEW = `\u0001\0\0${uint32(1)}${uint16(1)}${uint64(1)}\u0001${SIXTEEN}${uint16(0)}${uint32(1)}`;
export const UNKNOWN_VIEW = "\u00ff";

/** As monitors tell each other of their targets. */
function view(random: Random): string {
  const count = random.chance(0.9) ? random.below(5) : random.below(1_100);
  let records = "";
  for (let left = count; left > 0; left--) {
    const hash = uint64(random.below(2 ** 21) * 2 ** 32 + random.bits());
    const phi = random.chance(0.97) ? SIXTEEN : random.pick(NO_PHI);
    const state = random.chance(0.97) ? random.between(1, 4) : random.below(256);
    const since = uint16(random.below(4)) + uint32(random.bits());
    records += hash + String.fromCharCode(state) + phi + since;
  }
  const head = String.fromCharCode(1, random.below(256), random.below(3));
  return head + uint32(random.bits()) + uint16(count + (random.chance(0.9) ? 0 : 1)) + records;
}

/** A batch of one to three. */
function messages(random: Random, from: string, place: Place, isMutated: boolean): string {
  let batch = "";
  for (let left = random.between(1, 3); left > 0; left--) {
    const whole = textOf(encodeMessage(hostileMessage(random, from, place)));
    const text = isMutated ? mutate(random, whole) : whole;
    batch += uint32(text.length) + text;
  }
  return batch;
}

const KINDS = [
  "preVoteRequest",
  "preVoteResponse",
  "voteRequest",
  "voteResponse",
  "appendRequest",
  "appendRequest",
  "appendResponse",
  "heartbeatRequest",
  "heartbeatResponse",
  "installSnapshot",
  "timeoutNow",
  "proposeRequest",
  "proposeResponse",
  "readIndexRequest",
  "readIndexResponse",
] as const;
type Kind = (typeof KINDS)[number];

function hostileMessage(
  random: Random,
  from: string,
  place: Place,
  kind: Kind = random.pick(KINDS),
): Message {
  const envelope = {
    clusterId: random.chance(0.97) ? place.clusterId : "another",
    version: RAFT_FORMAT_VERSION,
    from: random.chance(0.97) ? from : "somebody",
    to: random.chance(0.97) ? place.id : "somebody",
    term: termNear(random, place),
  };
  return { ...envelope, ...hostileBody(random, kind, from, place, envelope.term) };
}

/** Rarely above: a monitor that has to look for a leader takes no writes meanwhile. */
function termNear(random: Random, { term }: Place): number {
  if (random.chance(0.9)) return Math.max(0, term - random.below(3));
  return random.chance(0.95) ? term + random.between(1, 3) : random.pick([0, 2 ** 47, 2 ** 53 - 1]);
}

function indexNear(random: Random, { commitIndex, lastIndex }: Place): number {
  if (random.chance(0.1)) return random.pick([0, 1, 2 ** 48, 2 ** 48 + 1, 2 ** 53 - 1]);
  return Math.max(0, random.pick([commitIndex, lastIndex, lastIndex]) + random.between(-2, 2));
}

function hostileBody(
  random: Random,
  kind: Kind,
  from: string,
  place: Place,
  term: number,
): MessageBody {
  const index = () => indexNear(random, place);
  const someTerm = () => termNear(random, place);
  const id = {
    node: random.chance(0.8) ? from : place.id,
    incarnation: random.between(1, 3),
    sequence: random.pick([1, 2, random.bits(), 2 ** 53 - 1]),
  };
  switch (kind) {
    case "preVoteRequest":
      return { kind, lastLogIndex: index(), lastLogTerm: someTerm() };
    case "voteRequest":
      return {
        kind,
        lastLogIndex: index(),
        lastLogTerm: someTerm(),
        isTransfer: random.chance(0.1),
      };
    case "preVoteResponse":
    case "voteResponse":
      return { kind, isGranted: random.chance(0.5) };
    case "appendRequest":
      return { ...append(random, place, term), leaderCommit: index() };
    case "appendResponse": {
      const [rejectedIndex, hintIndex, hintTerm] = [index(), index(), someTerm()];
      return { kind, result: { ok: false, rejectedIndex, hintIndex, hintTerm } };
    }
    case "heartbeatRequest":
      return { kind, leaderCommit: index(), round: index() };
    case "heartbeatResponse":
      return { kind, round: index() };
    case "installSnapshot":
      return { kind, snapshot: badSnapshot(random, index(), someTerm()) };
    case "timeoutNow":
      return { kind };
    case "proposeRequest":
      return { kind, proposal: { id, body: uselessProposal(random) } };
    case "proposeResponse":
      return { kind, id, outcome: random.pick(["dropped", "unknown"]), reason: "x\u001b[2J\n" };
    case "readIndexRequest":
      return { kind, id };
    case "readIndexResponse":
      return { kind, id, index: random.chance(0.5) ? index() : undefined };
  }
}

type Append = Extract<MessageBody, { kind: "appendRequest" }>;

function append(random: Random, place: Place, term: number): Omit<Append, "leaderCommit"> {
  const prevLogIndex = indexNear(random, place);
  const entries: Entry[] = [];
  for (let left = random.below(4); left > 0; left--) {
    const index = prevLogIndex + 1 + entries.length + (random.chance(0.95) ? 0 : 1);
    const entryTerm = random.chance(0.9) ? term : termNear(random, place);
    if (index >= 2 ** 53 - 1) break;
    entries.push({ index, term: entryTerm, body: entryBody(random) });
  }
  return { kind: "appendRequest", prevLogIndex, prevLogTerm: termNear(random, place), entries };
}

function entryBody(random: Random): Entry["body"] {
  const id = { node: "nobody", incarnation: 1, sequence: 1 };
  if (random.chance(0.4)) return { kind: "noop" };
  if (random.chance(0.2)) return { kind: "membership", id, membership: NOBODY };
  return { kind: "command", id, data: garbage(random) };
}

/** Nobody could vote in it. */
const NOBODY: Membership = { voters: [], learners: [] };

function uselessProposal(random: Random) {
  if (random.chance(0.6)) return { kind: "command", data: garbage(random) } as const;
  const change = { kind: random.pick(["remove", "promote"] as const), id: "nobody" };
  return { kind: "change", change } as const;
}

/** A command that no version reads: none begins so. */
function garbage(random: Random): Uint8Array {
  const bytes = new Uint8Array(random.between(1, 60));
  for (let place = 1; place < bytes.length; place++) bytes[place] = random.below(256);
  bytes[0] = random.pick([0, 200, 255]);
  return bytes;
}

function badSnapshot(random: Random, index: number, term: number) {
  const data = garbage(random);
  return { index, term, membership: NOBODY, data, checksum: random.bits() };
}
