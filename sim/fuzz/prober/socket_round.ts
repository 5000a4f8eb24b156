/**
 * Some questions to the hostile server over real sockets, plain and TLS: each has to end in one outcome. With
 * TLS that outcome is never an answer, since the server has no certificate that anybody trusts.
 */
import { bunClock, bunDial } from "../../../src/bun/mod.ts";
import { HttpProber, type ProbeOutcome, TimerWheel } from "../../../src/probe/mod.ts";
import type { Random } from "../../world/random.ts";
import type { Tally } from "../fuzz_target.ts";
import type { HostileServer } from "./hostile_server.ts";

const TIMEOUT_MS = 60;
/** By then a probe has ended that can end at all. */
const GUARD_MS = 20_000;
const TICK_MS = 2;

export async function socketRound(
  random: Random,
  probes: number,
  server: HostileServer,
  tally: Tally,
): Promise<readonly string[]> {
  const wheel = new TimerWheel(bunClock.monotonicMs());
  const ticker = setInterval(() => wheel.advance(bunClock.monotonicMs()), TICK_MS);
  const findings: string[] = [];
  for (let left = probes; left > 0; left--) {
    const isTls = random.chance(0.3);
    const seed = random.bits();
    const prober = makeProber(isTls ? "https" : "http", server.port, seed, wheel);
    if (isTls) server.announce(seed);
    const outcome = await outcomeOf(prober);
    prober.close();
    server.dropAll();
    const what = outcome === undefined ? "no end" : outcome.ok ? "ok" : outcome.reason;
    tally.add(`socket ${what}`);
    if (outcome === undefined) findings.push(`a probe of behaviour ${seed} does not end`);
    if (isTls && outcome?.ok)
      findings.push(`TLS garbage of behaviour ${seed} passes for an answer`);
  }
  clearInterval(ticker);
  if (wheel.size > 0) findings.push(`${wheel.size} alarms are left`);
  return findings;
}

function makeProber(scheme: string, port: number, seed: number, wheel: TimerWheel): HttpProber {
  return new HttpProber(
    {
      url: `${scheme}://127.0.0.1:${port}/${seed}`,
      method: "GET",
      headers: {},
      timeoutMs: TIMEOUT_MS,
      statusMatches: (status) => status === 200,
      maxBodyBytes: 65_536,
      tls: { insecureSkipVerify: false },
      connection: "reuse",
    },
    {
      dial: bunDial,
      resolve: () => Promise.resolve({ ok: false, detail: "nothing is looked up here" }),
      readTextFile: () => Promise.reject(new Error("no file was named")),
      nowMs: () => bunClock.monotonicMs(),
      wheel,
      checkAddress: () => ({ ok: true }),
    },
  );
}

async function outcomeOf(prober: HttpProber): Promise<ProbeOutcome | undefined> {
  let guard: ReturnType<typeof setTimeout> | undefined;
  const outcome = await new Promise<ProbeOutcome | undefined>((resolve) => {
    prober.ask(resolve);
    guard = setTimeout(() => resolve(undefined), GUARD_MS);
  });
  clearTimeout(guard);
  return outcome;
}
