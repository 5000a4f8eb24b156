import { describe, expect, test } from "bun:test";
import { type FakeConnection, FakeWorld, OK, settlePromises } from "./_test_http_world.ts";

describe("HttpProber: the kept connection", () => {
  test("is used again, and dropped after any failure", () => {
    const world = new FakeWorld().warmUp();
    world.ask();
    world.last.answer("HTTP/1.1 500 no\r\ncontent-length: 0\r\n\r\n");
    expect(world.outcome).toMatchObject({ ok: false, reason: "status" });
    expect(world.connections).toHaveLength(1);
    world.ask();
    expect(world.connections).toHaveLength(2);
  });

  test("is closed by who hears the last answer and wants no more", () => {
    const world = new FakeWorld();
    const outcomes: boolean[] = [];
    world.prober.ask(({ ok }) => {
      outcomes.push(ok);
      world.prober.close();
    });
    world.last.events.onConnect();
    world.last.answer(OK);
    expect([outcomes, world.openConnections]).toEqual([[true], 0]);
  });

  test.each([
    ["the server says close", OK.replace("\r\n\r\n", "\r\nconnection: close\r\n\r\n")],
    ["more bytes follow", `${OK}HTTP/1.1 200`],
    ["the answer is HTTP/1.0", OK.replace("1.1", "1.0")],
  ])("is not kept when %s", (_, text) => {
    const world = new FakeWorld();
    world.ask();
    world.last.events.onConnect();
    world.last.answer(text);
    expect(world.outcome).toMatchObject({ ok: true });
    expect(world.openConnections).toBe(0);
  });

  test("`fresh` as the target's setting keeps none, and says so to the server", () => {
    const world = new FakeWorld({ connection: "fresh" }).warmUp();
    expect(world.last.written[0]).toContain("\r\nconnection: close\r\n");
    expect(world.openConnections).toBe(0);
    world.ask();
    expect(world.connections).toHaveLength(2);
  });

  test.each([
    ["ends", (connection: FakeConnection) => connection.events.onEnd()],
    ["breaks", (connection: FakeConnection) => connection.events.onFault("reset", "ECONNRESET")],
    ["speaks unasked", (connection: FakeConnection) => connection.answer("HTTP/1.1 408 x\r\n\r\n")],
  ])("that %s while idle is no failure", (_, happen) => {
    const world = new FakeWorld().warmUp();
    happen(world.last);
    expect(world.openConnections).toBe(0);
    world.ask();
    world.last.events.onConnect();
    world.last.answer(OK);
    expect(world.outcomes.map(({ ok }) => ok)).toEqual([true, true]);
  });

  test.each([
    ["ends", (connection: FakeConnection) => connection.events.onEnd()],
    ["breaks", (connection: FakeConnection) => connection.events.onFault("reset", "ECONNRESET")],
  ])("that %s under the question is tried again once, within the same deadline", (_, happen) => {
    const world = new FakeWorld().warmUp();
    world.ask();
    world.pass(600);
    happen(world.last);
    expect(world.outcomes).toHaveLength(1);
    expect(world.connections).toHaveLength(2);
    world.last.events.onConnect();
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true, reusedConnection: false });
    world.ask();
    world.pass(600);
    happen(world.last);
    world.pass(400);
    expect(world.outcome).toMatchObject({ reason: "timeout", timings: { totalMs: 1_000 } });
  });

  test("a second connection that ends without an answer is a failure", () => {
    const world = new FakeWorld().warmUp();
    world.ask();
    world.last.events.onEnd();
    world.last.events.onConnect();
    world.last.events.onEnd();
    expect(world.outcome).toMatchObject({ ok: false, reason: "reset" });
    expect(world.connections).toHaveLength(2);
  });

  test("that nobody answers any more costs ever fewer questions, and is trusted again once it is answered", () => {
    const world = new FakeWorld().warmUp();
    const isUsed: boolean[] = [];
    const askOnce = (isUsedAnswered: boolean) => {
      const before = world.connections.length;
      world.ask();
      const isNew = world.connections.length > before;
      isUsed.push(!isNew);
      if (isNew) world.last.events.onConnect();
      if (isNew || isUsedAnswered) world.last.answer(OK);
      else world.pass(1_000);
    };
    for (let turn = 0; turn < 16; turn++) askOnce(false);
    const used = [...isUsed.entries()].filter(([, isOne]) => isOne).map(([turn]) => turn);
    expect(used).toEqual([0, 3, 8]);
    for (let turn = 16; turn < 19; turn++) askOnce(true);
    expect(isUsed.slice(16)).toEqual([false, true, true]);
  });

  test("is not used again once it is dropped; what is out over another one goes on", () => {
    const world = new FakeWorld().warmUp();
    world.prober.dropKept();
    expect(world.openConnections).toBe(0);
    world.ask();
    expect(world.connections).toHaveLength(2);
    world.prober.dropKept();
    world.last.events.onConnect();
    world.last.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true, reusedConnection: false });
    world.ask();
    expect(world.connections).toHaveLength(2);
  });

  test("that ends after the first byte is a failure", () => {
    const world = new FakeWorld().warmUp();
    world.ask();
    world.last.answer("H");
    world.last.events.onEnd();
    expect(world.outcome).toMatchObject({ ok: false, reason: "reset" });
  });
});

describe("HttpProber: several questions", () => {
  test("are out at once, and of their connections one is kept", () => {
    const world = new FakeWorld();
    world.ask();
    world.ask();
    expect(world.connections).toHaveLength(2);
    for (const connection of world.connections) connection.events.onConnect();
    world.connections[1]!.answer(OK);
    expect(world.outcomes).toHaveLength(1);
    world.connections[0]!.answer(OK);
    expect(world.outcomes).toHaveLength(2);
    expect(world.openConnections).toBe(1);
    world.ask();
    expect(world.connections).toHaveLength(2);
  });

  test("the second is kept where the first failed", () => {
    const world = new FakeWorld();
    world.ask();
    world.pass(500);
    world.ask();
    world.last.events.onConnect();
    world.last.answer(OK);
    world.pass(500);
    expect(world.outcomes.map(({ ok }) => ok)).toEqual([true, false]);
    world.ask();
    expect(world.connections).toHaveLength(2);
    world.connections[1]!.answer(OK);
    expect(world.outcome).toMatchObject({ ok: true, reusedConnection: true });
  });

  test("a server that is slower than the interval is asked over the same two connections", () => {
    const world = new FakeWorld();
    const answersOwed: FakeConnection[] = [];
    const ask = () => {
      world.ask();
      const isFree = (each: FakeConnection) => !each.isClosed && !answersOwed.includes(each);
      const asked = world.connections.find(isFree)!;
      if (asked === world.last) asked.events.onConnect();
      answersOwed.push(asked);
    };
    ask();
    for (let round = 0; round < 20; round++) {
      ask();
      answersOwed.shift()!.answer(OK);
      expect(world.outcomes).toHaveLength(round + 1);
    }
    // While it is not known whether a line is answered again, one more.
    expect(world.connections.length).toBeLessThanOrEqual(3);
    expect(world.outcome).toMatchObject({ ok: true, reusedConnection: true });
  });

  test("a server that answers each connection once is heard at each slot, over two at the most", () => {
    const world = new FakeWorld();
    world.ask();
    world.last.events.onConnect();
    world.last.answer(OK);
    // The kept line: it hangs.
    world.ask();
    for (let round = 1; round <= 5; round++) {
      world.ask();
      expect(world.openConnections).toBe(2);
      world.last.events.onConnect();
      world.last.answer(OK);
      expect(world.outcomes).toHaveLength(round + 1);
      expect(world.outcome).toMatchObject({ ok: true, reusedConnection: false });
      expect(world.openConnections).toBe(2);
    }
  });

  test("a server that stops answering on used connections is heard again with the second question", () => {
    const world = new FakeWorld().warmUp();
    world.ask();
    world.last.answer(OK);
    // From now on only the first question on a connection is answered.
    world.ask();
    for (let round = 0; round < 5; round++) {
      const { length } = world.connections;
      world.ask();
      expect(world.connections).toHaveLength(length + 1);
      world.last.events.onConnect();
      world.last.answer(OK);
    }
    expect(world.outcomes).toHaveLength(7);
  });

  test.each([[[0, 1, 2, 3]], [[3, 2, 1, 0]], [[1, 3, 0, 2]]])(
    "of four that are out each ends by itself, in the order %p",
    (order) => {
      const world = new FakeWorld();
      for (let index = 0; index < 4; index++) world.ask();
      expect(world.openConnections).toBe(4);
      for (const connection of world.connections) connection.events.onConnect();
      for (const [ended, index] of order.entries()) {
        world.connections[index]!.answer(OK);
        expect(world.outcomes).toHaveLength(ended + 1);
      }
      expect(world.openConnections).toBe(1);
      world.ask();
      expect(world.connections).toHaveLength(4);
    },
  );

  test("close() closes all that are out", () => {
    const world = new FakeWorld();
    for (let index = 0; index < 4; index++) world.ask();
    world.prober.close();
    expect(world.openConnections).toBe(0);
    world.pass(60_000);
    expect(world.outcomes).toEqual([]);
  });

  test("`done` may ask the next", () => {
    const world = new FakeWorld().warmUp();
    let answered = 0;
    const ask = (): void => world.prober.ask(() => (++answered < 3 ? ask() : undefined));
    ask();
    for (let round = 0; round < 3; round++) world.last.answer(OK);
    expect(answered).toBe(3);
    expect(world.connections).toHaveLength(1);
  });
});

describe("HttpProber: files", () => {
  test("a secret is read for each probe, so that it can be rotated", async () => {
    const world = new FakeWorld({ bearerTokenFile: "/run/token" });
    const sent: string[] = [];
    for (const token of ["first\n", "second\n"]) {
      world.files.set("/run/token", token);
      world.ask();
      await settlePromises();
      if (sent.length === 0) world.last.events.onConnect();
      sent.push(world.last.written.at(-1)!);
      world.last.answer(OK);
    }
    expect(sent[0]).toEndWith("\r\nauthorization: Bearer first\r\n\r\n");
    expect(sent[1]).toEndWith("\r\nauthorization: Bearer second\r\n\r\n");
    expect(world.connections).toHaveLength(1);
  });

  test("basic auth", async () => {
    const basicAuth = { user: "Aladdin", passwordFile: "/run/password" };
    const world = new FakeWorld({ basicAuth });
    world.files.set("/run/password", "open sesame\n");
    world.ask();
    await settlePromises();
    world.last.events.onConnect();
    expect(world.last.written[0]).toContain(
      "authorization: Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==\r\n",
    );
  });

  test.each([
    ["is missing", undefined, "cannot read the secret in /run/token: ENOENT"],
    ["is empty", "\n", "the secret in /run/token is empty or holds control characters"],
    [
      "holds a line end",
      "hunter2\nx: y",
      "the secret in /run/token is empty or holds control characters",
    ],
  ])("a secret that %s is not_allowed, and not told", async (_, text, detail) => {
    const world = new FakeWorld({ bearerTokenFile: "/run/token" });
    if (text !== undefined) world.files.set("/run/token", text);
    world.ask();
    await settlePromises();
    expect(world.outcome).toMatchObject({ ok: false, reason: "not_allowed", detail });
    expect(world.connections).toEqual([]);
  });

  test("a kept connection that ends while the secret is read is replaced", async () => {
    const world = new FakeWorld({ bearerTokenFile: "/run/token" });
    world.files.set("/run/token", "x");
    world.ask();
    await settlePromises();
    world.last.events.onConnect();
    world.last.answer(OK);
    world.ask();
    world.last.events.onEnd();
    await settlePromises();
    expect(world.connections).toHaveLength(2);
  });

  test("authorities are read for each new connection; unreadable ones are a tls failure", async () => {
    const tls = { caFile: "/run/ca.pem", serverName: "b.test", insecureSkipVerify: false };
    const world = new FakeWorld({ url: "https://10.0.0.1/", tls });
    world.ask();
    await settlePromises();
    expect(world.outcome).toMatchObject({
      reason: "tls",
      detail: "cannot read the authorities in /run/ca.pem: ENOENT",
    });
    world.files.set("/run/ca.pem", "PEM");
    world.ask();
    await settlePromises();
    expect(world.last.address.tls).toEqual({
      serverName: "b.test",
      caPem: "PEM",
      insecureSkipVerify: false,
    });
  });
});

describe("HttpProber: close()", () => {
  test("frees both sockets and calls nobody, whatever was under way", async () => {
    const world = new FakeWorld();
    world.ask();
    world.ask();
    world.prober.close();
    expect(world.openConnections).toBe(0);
    expect(world.wheel.size).toBe(0);
    world.pass(10_000);
    for (const options of [{ url: "http://a.test/" }, { bearerTokenFile: "/x" }, {}]) {
      const other = new FakeWorld(options);
      other.denied.add("10.0.0.1");
      other.ask();
      other.prober.close();
      await settlePromises();
      expect(other.outcomes).toEqual([]);
    }
    expect(world.outcomes).toEqual([]);
    expect(() => world.ask()).toThrow("closed");
  });

  test("may be called from `done`", () => {
    const world = new FakeWorld();
    let calls = 0;
    world.prober.ask(() => {
      calls++;
      world.prober.close();
    });
    world.last.events.onConnect();
    world.last.answer(OK);
    expect(calls).toBe(1);
    expect(world.openConnections).toBe(0);
  });
});
