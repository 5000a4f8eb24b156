/** A connection's deadlines, on a socket that a test holds in its hands: time is what it is told. */
import { expect, test } from "bun:test";
import { bunPeerCrypto } from "../bun/mod.ts";
import { Channel, type ChannelEnd } from "./channel.ts";
import type { Self } from "./handshake.ts";
import { completeLimits } from "./limits.ts";
import { PEER_VERSIONS } from "./versions.ts";

const LIMITS = completeLimits({ sweepMs: 250, handshakeMs: 2000, silenceMs: 2000, idleMs: 5000 });
const selfOf = (id: string): Self => {
  const place = { clusterId: "c", address: `${id}:1`, membershipIndex: 1 };
  const rest = { ...place, versions: PEER_VERSIONS, stateFormat: 2 };
  return { id, ...rest };
};

/** One end: what it wrote waits until the test delivers it. */
class TestEnd {
  readonly channel: Channel;
  readonly written: Uint8Array[] = [];
  readonly ends: ChannelEnd[] = [];
  readonly frames: string[] = [];
  hasRoom = true;
  isDestroyed = false;

  constructor(side: "dialler" | "acceptor") {
    const common = { auth: { mode: "none" } as const, crypto: bunPeerCrypto };
    this.channel = new Channel(
      side === "dialler"
        ? { ...common, side, self: selfOf("a"), peer: "b", purpose: "log" }
        : { ...common, side, self: selfOf("b"), admit: () => undefined },
      LIMITS,
      {
        onReady: () => this.frames.push("ready"),
        onFrame: ({ kind }) => this.frames.push(kind),
        onDrain: () => this.frames.push("drain"),
        onClosed: (end) => this.ends.push(end),
      },
    ).attach({
      write: (bytes) => {
        this.written.push(bytes);
        return this.hasRoom;
      },
      end: () => undefined,
      destroy: () => (this.isDestroyed = true),
    });
  }

  open(remoteIp = "127.0.0.1"): void {
    this.channel.onOpen({ remoteIp, certificateNames: undefined });
  }

  give(to: TestEnd): void {
    for (const bytes of this.written.splice(0)) to.channel.onData(bytes);
  }
}

function connected(): { dialler: TestEnd; acceptor: TestEnd } {
  const [dialler, acceptor] = [new TestEnd("dialler"), new TestEnd("acceptor")];
  acceptor.open();
  dialler.open();
  for (let round = 0; round < 3; round++) {
    dialler.give(acceptor);
    acceptor.give(dialler);
  }
  expect([dialler.frames, acceptor.frames]).toEqual([["ready"], ["ready"]]);
  return { dialler, acceptor };
}

function sweeps(count: number, ...ends: readonly TestEnd[]): void {
  for (let sweep = 0; sweep < count; sweep++) for (const { channel } of ends) channel.tick(250);
}

test("without a handshake it ends at the deadline, connected or not", () => {
  for (const isOpen of [false, true]) {
    const end = new TestEnd("dialler");
    if (isOpen) end.open();
    sweeps(8, end);
    expect(end.ends).toEqual([]);
    sweeps(1, end);
    expect(end.ends).toMatchObject([{ detail: "no handshake within 2000 ms", wasReady: false }]);
    expect(end.isDestroyed).toBe(true);
  }
});

test("without authentication nobody beyond the loopback gets a word", () => {
  const end = new TestEnd("acceptor");
  end.open("10.0.0.7");
  expect(end.ends).toMatchObject([{ detail: expect.stringContaining("not to 10.0.0.7") }]);
  expect(end.written).toEqual([]);
});

test("what was written and is not acknowledged ends it after the silence, and not before", () => {
  const { dialler, acceptor } = connected();
  sweeps(1, acceptor);
  acceptor.give(dialler);
  sweeps(20, dialler);
  // Nothing is outstanding, but for what shows after the idle time that it lives.
  expect(dialler.ends).toEqual([]);
  dialler.channel.send("messages", []);
  sweeps(8, dialler);
  expect(dialler.ends).toEqual([]);
  sweeps(1, dialler);
  expect(dialler.ends).toMatchObject([
    { detail: "it acknowledged nothing for 2000 ms", wasReady: true },
  ]);
});

test("any progress counts, of a frame that is under way too", () => {
  const { dialler, acceptor } = connected();
  dialler.channel.send("messages", [new Uint8Array(100)]);
  const bytes = Buffer.concat(dialler.written.splice(0));
  for (let place = 0; place < bytes.length; place += 10) {
    acceptor.channel.onData(bytes.subarray(place, place + 10));
    sweeps(7, dialler);
    sweeps(1, acceptor);
    acceptor.give(dialler);
  }
  expect(dialler.ends).toEqual([]);
  expect(acceptor.frames).toEqual(["ready", "messages"]);
});

test("an idle dialler shows that it lives, and an acceptor that hears nothing gives it up", () => {
  const { dialler, acceptor } = connected();
  for (let round = 0; round < 100; round++) {
    sweeps(1, dialler, acceptor);
    dialler.give(acceptor);
    acceptor.give(dialler);
  }
  expect([dialler.ends, acceptor.ends]).toEqual([[], []]);
  expect(acceptor.frames.filter((kind) => kind === "messages").length).toBe(4);
  dialler.channel.send("messages", []);
  dialler.give(acceptor);
  sweeps(80, acceptor);
  expect(acceptor.ends).toEqual([]);
  sweeps(1, acceptor);
  expect(acceptor.ends).toMatchObject([{ detail: "nothing came for 20000 ms" }]);
});

test("acknowledgements do not pile up for one who does not read them", () => {
  const { dialler, acceptor } = connected();
  acceptor.hasRoom = false;
  for (let round = 0; round < 50; round++) {
    dialler.channel.send("messages", []);
    dialler.give(acceptor);
    sweeps(1, acceptor);
  }
  expect(acceptor.written.length).toBe(1);
  acceptor.hasRoom = true;
  acceptor.channel.onDrain();
  sweeps(1, acceptor);
  expect(acceptor.written.length).toBe(2);
});

test("an acknowledgement of what was not sent ends it", () => {
  const { dialler, acceptor } = connected();
  acceptor.channel.send("ack", [Uint8Array.of(0, 0, 0, 0, 0, 0, 0xff, 0xff)]);
  acceptor.give(dialler);
  expect(dialler.ends).toMatchObject([{ detail: "it acknowledged what was not sent" }]);
});

test("a refusal within a session is shown to the other, and neither says more", () => {
  const { dialler, acceptor } = connected();
  acceptor.channel.refuse("enough");
  acceptor.give(dialler);
  expect(dialler.ends).toMatchObject([{ detail: "b refused: enough", wasReady: true }]);
  dialler.channel.send("messages", []);
  acceptor.channel.send("ack", []);
  expect([dialler.written, acceptor.written]).toEqual([[], []]);
  // The other need not close: then it is closed for it.
  sweeps(9, acceptor);
  expect(acceptor.ends).toMatchObject([{ detail: "enough" }]);
  expect(acceptor.isDestroyed).toBe(true);
});

test("the end is told once, and nothing after it or after destroy()", () => {
  const { dialler, acceptor } = connected();
  dialler.channel.onClose("gone");
  dialler.channel.onClose("gone again");
  dialler.channel.onDrain();
  sweeps(100, dialler);
  expect(dialler.ends).toMatchObject([{ detail: "gone", claimed: "b" }]);
  expect(dialler.frames).toEqual(["ready"]);
  acceptor.channel.destroy();
  acceptor.channel.onClose("gone");
  sweeps(100, acceptor);
  expect(acceptor.ends).toEqual([]);
});
