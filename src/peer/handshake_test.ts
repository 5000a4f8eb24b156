/** The handshake as a pure machine: who gets a session, what is said to those who do not, and bit flips. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { bunPeerCrypto } from "../bun/mod.ts";
import type { PeerAuth } from "./auth.ts";
import { decodeFrame, encodeFrame, FrameReader } from "./frame.ts";
import { Handshake, type HandshakeStep, type Self, type Session } from "./handshake.ts";
import type { Hello, Purpose } from "./hello.ts";
import type { Refusal } from "./refusal.ts";
import { PEER_VERSIONS } from "./versions.ts";

interface End {
  readonly self?: Partial<Self>;
  readonly auth?: PeerAuth;
  readonly names?: readonly string[];
}

interface Meeting {
  readonly dialler?: End;
  readonly acceptor?: End;
  readonly peer?: string;
  readonly purpose?: Purpose;
  readonly admit?: (hello: Hello) => Refusal | undefined;
  /** What becomes of the bytes on their way; by which frame of the whole it is. */
  readonly meddle?: (bytes: Uint8Array, count: number) => Uint8Array;
}

type Outcome = Session | string | undefined;

const secret = (text: string): PeerAuth => ({
  mode: "secret",
  secret: Buffer.from(text.padEnd(16)),
});
const SECRET = secret("one");

function selfOf(id: string, self: Partial<Self> = {}): Self {
  const place = { clusterId: "c", address: `${id}:1`, membershipIndex: 1 };
  const rest = { ...place, versions: PEER_VERSIONS, stateFormat: 2 };
  return { id, ...rest, ...self };
}

const wireOf = (min: number, max: number) => ({ wire: { min, max }, raft: { min: 1, max: 1 } });

function common(end: End) {
  return {
    auth: end.auth ?? ({ mode: "none" } as const),
    crypto: bunPeerCrypto,
    certificateNames: end.names,
  };
}

/** Runs both ends against each other until neither has anything to say. */
function meet(meeting: Meeting = {}): {
  dialler: Outcome;
  acceptor: Outcome;
  /** The dialler has it proved that it was removed. */
  isRemoval: boolean;
} {
  const { dialler = {}, acceptor = {}, meddle = (bytes) => bytes } = meeting;
  const { peer = "b", purpose = "log", admit = () => undefined } = meeting;
  const ends = {
    dialler: new Handshake({
      ...common(dialler),
      self: selfOf("a", dialler.self),
      side: "dialler",
      peer,
      purpose,
    }),
    acceptor: new Handshake({
      ...common(acceptor),
      self: selfOf("b", acceptor.self),
      side: "acceptor",
      admit,
    }),
  };
  const outcomes: { dialler: Outcome; acceptor: Outcome } = {
    dialler: undefined,
    acceptor: undefined,
  };
  const readers = { dialler: new FrameReader(), acceptor: new FrameReader() };
  let count = 0;
  let isRemoval = false;
  const queue: ["dialler" | "acceptor", Uint8Array][] = ends.dialler
    .begin()
    .map((bytes) => ["acceptor", bytes]);
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    const [to, bytes] = next;
    if (outcomes[to] !== undefined) continue;
    readers[to].push(meddle(bytes, count++));
    const body = readers[to].next(2048);
    if (body.kind === "wait") continue;
    const frame = body.kind === "body" ? decodeFrame(body.body) : { ok: false as const };
    if (!frame.ok) {
      outcomes[to] = "malformed";
      continue;
    }
    const step: HandshakeStep = ends[to].receive(frame.frame);
    for (const sent of step.send) queue.push([to === "dialler" ? "acceptor" : "dialler", sent]);
    if (step.kind === "done") outcomes[to] = step.session;
    if (step.kind === "refused") {
      outcomes[to] = step.detail;
      isRemoval ||= step.isRemoval;
    }
  }
  return { ...outcomes, isRemoval };
}

const isSession = (outcome: Outcome): outcome is Session => typeof outcome === "object";

describe("both get a session", () => {
  const names = { a: ["x", "a"], b: ["b"] };
  const ends: Record<string, Meeting> = {
    none: {},
    secret: { dialler: { auth: SECRET }, acceptor: { auth: SECRET } },
    tls: {
      dialler: { auth: { mode: "tls" }, names: names.b },
      acceptor: { auth: { mode: "tls" }, names: names.a },
    },
  };
  for (const [mode, meeting] of Object.entries(ends)) {
    test(`with ${mode}`, () => {
      const { dialler, acceptor } = meet({ ...meeting, purpose: "snapshot" });
      expect(dialler).toMatchObject({
        peer: "b",
        purpose: "snapshot",
        wireVersion: 1,
        raftVersion: 1,
      });
      expect(acceptor).toMatchObject({ peer: "a", purpose: "snapshot" });
      if (!isSession(dialler) || !isSession(acceptor)) throw new Error("no sessions");
      const isSealed = mode === "secret";
      expect([dialler.sealOut !== undefined, acceptor.sealIn !== undefined]).toEqual([
        isSealed,
        isSealed,
      ]);
      const forth = encodeFrame("messages", [Uint8Array.of(1)], dialler.sealOut);
      const back = encodeFrame("ack", [Uint8Array.of(2)], acceptor.sealOut);
      expect(decodeFrame(forth.subarray(4), acceptor.sealIn).ok).toBe(true);
      expect(decodeFrame(back.subarray(4), dialler.sealIn).ok).toBe(true);
    });
  }

  test("whoever does not belong to a cluster yet", () => {
    expect(isSession(meet({ acceptor: { self: { clusterId: "" } } }).dialler)).toBe(true);
    expect(isSession(meet({ dialler: { self: { clusterId: "" } } }).acceptor)).toBe(true);
  });

  test("in the highest version that both have", () => {
    const { dialler, acceptor } = meet({
      dialler: { self: { versions: wireOf(1, 4) } },
      acceptor: { self: { versions: wireOf(2, 9) } },
    });
    expect(dialler).toMatchObject({ wireVersion: 4 });
    expect(acceptor).toMatchObject({ wireVersion: 4 });
  });
});

describe("nobody gets a session", () => {
  const cases: Record<string, [Meeting, string]> = {
    "with different secrets": [
      { dialler: { auth: SECRET }, acceptor: { auth: secret("two") } },
      "the cluster secret is not the same",
    ],
    "with different modes": [
      { acceptor: { auth: SECRET } },
      "a uses no authentication, and b a cluster secret",
    ],
    "from another cluster": [
      { dialler: { self: { clusterId: "d" } } },
      "b belongs to cluster c, and a to cluster d",
    ],
    "at another monitor": [{ peer: "x" }, "x was expected here, and this is b"],
    "with itself": [
      { dialler: { self: { id: "b" } } },
      "two monitors call themselves b, or it dialled itself",
    ],
    "with a dialler whose certificate is another's": [
      {
        dialler: { auth: { mode: "tls" }, names: ["b"] },
        acceptor: { auth: { mode: "tls" }, names: ["c", "d"] },
      },
      "the certificate of a is for c, d: its DNS name or common name has to be a",
    ],
    "with TLS that showed no name": [
      { dialler: { auth: { mode: "tls" }, names: ["b"] }, acceptor: { auth: { mode: "tls" } } },
      "the certificate of a is for no name: its DNS name or common name has to be a",
    ],
    "when it is not admitted": [
      { admit: ({ from }) => ({ detail: `no ${from}`, isRemoval: false }) },
      "no a",
    ],
    "without a common Raft format": [
      { dialler: { self: { versions: { wire: { min: 1, max: 1 }, raft: { min: 4, max: 5 } } } } },
      "no common version of the Raft format: b has version 1, a has versions 4 to 5. " +
        "Update b to a version of phi that has one of the other's",
    ],
  };
  for (const [name, [meeting, sentence]] of Object.entries(cases)) {
    test(name, () => {
      const { dialler, acceptor } = meet(meeting);
      expect(acceptor).toBe(sentence);
      expect(dialler).toBe(`${meeting.peer ?? "b"} refused: ${sentence}`);
    });
  }

  test("with an acceptor whose certificate is another's", () => {
    const { dialler, acceptor } = meet({
      dialler: { auth: { mode: "tls" }, names: ["c"] },
      acceptor: { auth: { mode: "tls" }, names: ["a"] },
    });
    const sentence = "the certificate of b is for c: its DNS name or common name has to be b";
    expect(dialler).toBe(sentence);
    expect(acceptor).toBe(`it refused: ${sentence}`);
  });

  test("an acceptor that cannot prove the secret is not believed", () => {
    const { dialler } = meet({
      dialler: { auth: SECRET },
      acceptor: { auth: SECRET },
      // The last frame of four is its proof.
      meddle: (bytes, count) => (count === 3 ? encodeFrame("proof", [new Uint8Array(32)]) : bytes),
    });
    expect(dialler).toBe("the cluster secret is not the same");
  });

  test("nobody is admitted, or learns whether it would be, before its proof", () => {
    const asked: string[] = [];
    const admit = ({ from }: Hello) => void asked.push(from);
    meet({ dialler: { auth: secret("two") }, acceptor: { auth: SECRET }, admit });
    expect(asked).toEqual([]);
  });

  test("whatever comes out of turn is refused", () => {
    for (const kind of ["messages", "proof", "ack", "chunk"] as const) {
      const { acceptor } = meet({
        meddle: (bytes, count) => (count === 0 ? encodeFrame(kind, []) : bytes),
      });
      expect(acceptor).toBe(`a frame of kind ${kind} came before its time`);
    }
  });

  test("with a secret, after any flipped bit of any frame", () => {
    fc.assert(
      fc.property(fc.nat({ max: 3 }), fc.nat(), (which, at) => {
        const ends = meet({
          dialler: { auth: SECRET },
          acceptor: { auth: SECRET },
          meddle: (bytes, count) => (count === which ? flipped(bytes, at) : bytes),
        });
        expect(isSession(ends.dialler)).toBe(false);
        // Only when all but the acceptor's own last word was right.
        expect(isSession(ends.acceptor)).toBe(which === 3);
      }),
    );
  });
});

const removing = () => ({ detail: "a was removed, says b", isRemoval: true });
const tls = (name: string): End => ({ auth: { mode: "tls" }, names: [name] });

describe("a monitor that was removed", () => {
  const both = { dialler: { auth: SECRET }, acceptor: { auth: SECRET } };

  test.each<[string, Meeting]>([
    ["none", {}],
    ["secret", both],
    ["tls", { dialler: tls("b"), acceptor: tls("a") }],
  ])("%s: has it said and proved", (_, meeting) => {
    const { dialler, acceptor, isRemoval } = meet({ ...meeting, admit: removing });
    expect([dialler, isRemoval]).toEqual(["b refused: a was removed from the cluster", true]);
    expect(acceptor).toBe("a was removed, says b");
  });

  test("believes no one who does not prove the secret", () => {
    for (const proof of [new Uint8Array(32), new Uint8Array()]) {
      const { dialler, isRemoval } = meet({
        ...both,
        meddle: (bytes, count) => (count === 3 ? encodeFrame("removed", [proof]) : bytes),
      });
      expect([dialler, isRemoval]).toEqual(["the cluster secret is not the same", false]);
    }
  });

  test("believes no acceptor's proof of something else, and no recording of another connection", () => {
    const recorded: Uint8Array[] = [];
    meet({
      ...both,
      admit: removing,
      meddle: (bytes, count) => ((recorded[count] = bytes), bytes),
    });
    const replayed = meet({
      ...both,
      meddle: (bytes, count) => (count === 3 ? recorded[3]! : bytes),
    });
    expect(replayed).toMatchObject({ isRemoval: false });
    const relabelled = meet({
      ...both,
      meddle: (bytes, count) => (count === 3 ? encodeFrame("removed", [bytes.subarray(5)]) : bytes),
    });
    expect(relabelled).toMatchObject({ isRemoval: false });
  });

  test("believes no one of another cluster, or of none", () => {
    const known = meet({
      ...both,
      admit: removing,
      acceptor: { auth: SECRET, self: { clusterId: "" } },
    });
    const unknown = meet({
      ...both,
      admit: removing,
      dialler: { auth: SECRET, self: { clusterId: "" } },
    });
    for (const { dialler, isRemoval } of [known, unknown]) {
      expect([dialler, isRemoval]).toEqual(["a frame of kind removed came before its time", false]);
    }
  });

  test("cannot tell who it dialled that it is that one who was removed", () => {
    const { acceptor, isRemoval } = meet({
      meddle: (bytes, count) => (count === 2 ? encodeFrame("removed", []) : bytes),
    });
    expect([acceptor, isRemoval]).toEqual(["a frame of kind removed came before its time", false]);
  });
});

test("no two connections have the same keys", () => {
  const ends = { dialler: { auth: SECRET }, acceptor: { auth: SECRET } };
  const [one, two] = [meet(ends), meet(ends)];
  if (!isSession(one.dialler) || !isSession(two.acceptor)) throw new Error("no sessions");
  const bytes = encodeFrame("messages", [], one.dialler.sealOut);
  expect(decodeFrame(bytes.subarray(4), two.acceptor.sealIn).ok).toBe(false);
});

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const changed = bytes.slice();
  const bit = at % (changed.length * 8);
  changed[bit >>> 3]! ^= 1 << (bit & 7);
  return changed;
}
