/** Over real sockets of this machine: the point is what a connection to oneself finds. */
import { afterAll, expect, test } from "bun:test";
import { TestAuthority } from "../../test/kit/certificates.ts";
import {
  bunClock,
  bunDial,
  bunResolve,
  listen,
  readTextFile,
  type ListenOptions,
} from "../bun/mod.ts";
import type { SelfProbeResult } from "../observers/mod.ts";
import { TimerWheel } from "../probe/mod.ts";
import { makeSelfProber, type OwnFace } from "./self_probe.ts";

const authority = new TestAuthority();
const { certPem, keyPem } = authority.signed("server", {
  names: "DNS:phi.example",
  ends: "20400101000000Z",
});
afterAll(() => authority.remove());

const nowMs = () => bunClock.monotonicMs();

async function askSelf(face: OwnFace): Promise<SelfProbeResult> {
  const wheel = new TimerWheel(nowMs());
  const ticker = setInterval(() => wheel.advance(nowMs()), 5);
  const world = { dial: bunDial, resolve: bunResolve, readTextFile, nowMs, wheel };
  const prober = makeSelfProber(face, world);
  try {
    return await new Promise<SelfProbeResult>((resolve) => prober.ask(resolve));
  } finally {
    clearInterval(ticker);
    prober.close();
  }
}

/** What comes of asking oneself at `reached`, while `handler` serves on `host`. */
async function asked(
  { host, reached = host }: { host: string; reached?: string },
  handler: (request: Request) => Response | Promise<Response>,
  options: ListenOptions = {},
): Promise<SelfProbeResult> {
  const opened = listen({ host, port: 0 }, handler, options);
  if (!opened.ok) throw new Error(opened.detail);
  const { port } = opened.listener;
  try {
    return await askSelf({ bind: { host: reached, port }, isTls: options.tls !== undefined });
  } finally {
    await opened.listener.stop();
  }
}

const alive = () => new Response("alive\n");

test("a monitor reaches itself where it listens, on all addresses too, by /healthz", async () => {
  const paths: string[] = [];
  const handler = (request: Request) => {
    paths.push(new URL(request.url).pathname);
    return new Response("alive\n");
  };
  for (const host of ["127.0.0.1", "localhost", "0.0.0.0"]) {
    expect(await asked({ host }, handler)).toEqual({ ok: true });
  }
  expect(paths).toEqual(["/healthz", "/healthz", "/healthz"]);
});

test("over TLS it does so whatever name the certificate is for", async () => {
  const tls = { tls: { cert: certPem, key: keyPem } };
  expect(await asked({ host: "127.0.0.1" }, alive, tls)).toEqual({
    ok: true,
  });
});

test("no answer within a second, another status, and nobody listening are each a reason", async () => {
  const silent = await asked({ host: "127.0.0.1" }, () => new Promise<Response>(() => {}));
  expect(silent).toEqual({
    ok: false,
    detail: expect.stringContaining("timeout: no answer within 1000 ms"),
  });
  const failing = await asked(
    { host: "127.0.0.1" },
    () => new Response("starting", { status: 503 }),
  );
  expect(failing).toEqual({ ok: false, detail: "status: the status is 503" });
  const nobody = await askSelf({ bind: { host: "127.0.0.1", port: 1 }, isTls: false });
  expect(nobody).toEqual({ ok: false, detail: expect.stringContaining("refused: ") });
});
