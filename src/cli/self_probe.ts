/**
 * How a monitor asks itself: over a real connection to the port that it serves its API on, a new one each
 * time, so that what takes the targets' connections away (descriptors, ports, time) takes this one too. It is no
 * target: no policy has to allow it, and nobody counts it.
 */
import type { SelfProbeResult } from "../observers/mod.ts";
import { HttpProber, type HttpProbeWorld } from "../probe/mod.ts";
import { asReached, formatBind, type Bind } from "./bind.ts";

/** Where the monitor serves its API. */
export interface OwnFace {
  readonly bind: Bind;
  readonly isTls: boolean;
}

export interface SelfProber {
  ask(done: (result: SelfProbeResult) => void): void;
  close(): void;
}

/** Longer would find a monitor that hangs only when its targets look dead already. */
const TIMEOUT_MS = 1_000;

const OK_STATUS = 200;
const MAX_BODY_BYTES = 1_024;

export function makeSelfProber(
  { bind, isTls }: OwnFace,
  world: Omit<HttpProbeWorld, "checkAddress" | "connectTo">,
): SelfProber {
  const prober = new HttpProber(
    {
      url: `${isTls ? "https" : "http"}://${formatBind(asReached(bind))}/healthz`,
      method: "GET",
      headers: {},
      timeoutMs: TIMEOUT_MS,
      statusMatches: (status) => status === OK_STATUS,
      maxBodyBytes: MAX_BODY_BYTES,
      // The certificate is for the names that others know it by.
      tls: { insecureSkipVerify: true },
      connection: "fresh",
    },
    { ...world, checkAddress: () => ({ ok: true }) },
  );
  return {
    ask: (done) =>
      prober.ask((outcome) =>
        done(
          outcome.ok ? { ok: true } : { ok: false, detail: `${outcome.reason}: ${outcome.detail}` },
        ),
      ),
    close: () => prober.close(),
  };
}
