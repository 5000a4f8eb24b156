/**
 * One connection to a target, and the question that is out on it, if any. A question passes through
 * the phases of `PhaseTimes`; whatever happens (bytes, a fault, the deadline) is looked at in the
 * light of the phase, and ends in one outcome. Afterwards the connection is kept where that is lawful, and watched:
 * a server that closes it meanwhile has done nothing wrong. Even one that closes it in the very moment
 * in which it is used again has not, so such a question is asked again, once, on a new connection,
 * within the same deadline. All events run without promises and without closures, but for files
 * and look-ups, whose late answers a counter tells from timely ones.
 */
import type { Connection, ConnectionEvents, ConnectionFault, DialTls } from "../port.ts";
import {
  allowedAddresses,
  messageOf,
  readRequest,
  readTls,
  tlsWithoutFile,
} from "./_http_preparation.ts";
import {
  CONNECTING,
  IDLE,
  PhaseTimes,
  RECEIVING,
  RESOLVING,
  SECURING,
  WAITING,
} from "./_phase_times.ts";
import type { HttpPlan } from "./http_plan.ts";
import { HttpResponseParser } from "./http_parser.ts";
import type { ProbeFailureReason, ProbeOutcome } from "./outcome.ts";
import { Alarm } from "./wheel.ts";

const NO_ADDRESSES: readonly string[] = [];

/** Who is told, before the question's `done` is called, that the exchange has settled. */
export interface ExchangeOwner {
  settled(exchange: HttpExchange): void;
}

export class HttpExchange implements ConnectionEvents {
  readonly #plan: HttpPlan;
  readonly #owner: ExchangeOwner;
  readonly #parser: HttpResponseParser;
  readonly #alarm: Alarm;
  readonly #times = new PhaseTimes();
  #connection: Connection | null = null;
  #certificateExpiresWallMs: number | undefined = undefined;
  /** Null while no question is out. */
  #done: ((outcome: ProbeOutcome) => void) | null = null;
  /** Moves whenever what files and look-ups are waited for has become meaningless. */
  #attempt = 0;
  /** True while `ask` runs, which must not call `done`. */
  #isStarting = false;
  #isReused = false;
  #request = "";
  #tls: DialTls | undefined = undefined;
  #addresses = NO_ADDRESSES;
  /** Of the next address to try. */
  #addressIndex = 0;

  constructor(plan: HttpPlan, owner: ExchangeOwner) {
    this.#plan = plan;
    this.#owner = owner;
    this.#parser = new HttpResponseParser(plan.parserOptions);
    this.#alarm = new Alarm((nowMs) => this.#onAlarm(nowMs));
  }

  /** Whether a question is out. */
  get isBusy(): boolean {
    return this.#done !== null;
  }

  get hasConnection(): boolean {
    return this.#connection !== null;
  }

  /** Asks, on the kept connection if there is one. Must not be busy. */
  ask(done: (outcome: ProbeOutcome) => void): void {
    const { world, options, hasSecret, request } = this.#plan;
    const nowMs = world.nowMs();
    this.#done = done;
    this.#times.start(nowMs);
    world.wheel.set(this.#alarm, nowMs + options.timeoutMs);
    this.#isStarting = true;
    if (hasSecret) {
      const attempt = ++this.#attempt;
      this.#askWithSecret(attempt).catch((error: unknown) => this.#failLate(attempt, error));
    } else {
      this.#request = request;
      this.#askOrConnect(nowMs);
    }
    this.#isStarting = false;
  }

  /** Gives up the question, whose `done` is never called, and the connection. */
  close(): void {
    this.#attempt++;
    this.#times.enter(IDLE, this.#times.startMs);
    this.#done = null;
    this.#plan.world.wheel.clear(this.#alarm);
    this.#dropConnection();
    this.#parser.reset();
  }

  async #askWithSecret(attempt: number): Promise<void> {
    const result = await readRequest(this.#plan);
    if (attempt !== this.#attempt) return;
    // Nothing was sent, and the server is not to blame: of the closed list of reasons, `not_allowed`
    // is the one that says so.
    if (!result.ok) return this.#fail("not_allowed", result.detail);
    this.#request = result.request;
    this.#askOrConnect(this.#plan.world.nowMs());
  }

  #askOrConnect(nowMs: number): void {
    if (this.#connection === null) return this.#connect(nowMs);
    this.#isReused = true;
    this.#send(nowMs);
  }

  #send(nowMs: number): void {
    this.#times.enter(WAITING, nowMs);
    this.#connection!.write(this.#request);
  }

  #connect(nowMs: number): void {
    this.#isReused = false;
    const attempt = ++this.#attempt;
    if (this.#plan.isDirect) {
      this.#tls = tlsWithoutFile(this.#plan);
      this.#dialAllowed([this.#plan.hostName], nowMs);
    } else {
      this.#lookUp(attempt).catch((error: unknown) => this.#failLate(attempt, error));
    }
  }

  async #lookUp(attempt: number): Promise<void> {
    const { hostName, isLiteral, world } = this.#plan;
    const secured = await readTls(this.#plan);
    if (attempt !== this.#attempt) return;
    if (!secured.ok) return this.#fail("tls", secured.detail);
    this.#tls = secured.tls;
    if (isLiteral) return this.#dialAllowed([hostName], world.nowMs());
    this.#times.enter(RESOLVING, world.nowMs());
    const found = await world.resolve(hostName);
    if (attempt !== this.#attempt) return;
    if (!found.ok) return this.#fail("resolve", found.detail);
    this.#dialAllowed(
      found.addresses.map(({ ip }) => ip),
      world.nowMs(),
    );
  }

  #dialAllowed(ips: readonly string[], nowMs: number): void {
    const allowed = allowedAddresses(this.#plan, ips);
    if (!allowed.ok) return this.#fail(allowed.reason, allowed.detail);
    this.#addresses = allowed.addresses;
    this.#addressIndex = 0;
    this.#dialNext(nowMs);
  }

  /** Of several addresses, none may use up the time of those behind it. */
  #dialNext(nowMs: number): void {
    const { port, world } = this.#plan;
    if (this.#addresses.length > 1) {
      const addressesLeft = this.#addresses.length - this.#addressIndex;
      const isLast = addressesLeft === 1;
      const shareMs = (this.#deadlineMs - nowMs) / addressesLeft;
      world.wheel.set(this.#alarm, isLast ? this.#deadlineMs : nowMs + shareMs);
    }
    this.#times.enter(CONNECTING, nowMs);
    const ip = this.#addresses[this.#addressIndex++]!;
    const address = this.#tls === undefined ? { ip, port } : { ip, port, tls: this.#tls };
    this.#connection = world.dial(address, this);
  }

  get #deadlineMs(): number {
    return this.#times.startMs + this.#plan.options.timeoutMs;
  }

  onConnect(): void {
    const { world, serverName } = this.#plan;
    if (this.#addresses.length > 1) world.wheel.set(this.#alarm, this.#deadlineMs);
    // Not held while the connection is idle: a file of authorities is large.
    this.#tls = undefined;
    this.#addresses = NO_ADDRESSES;
    if (serverName === undefined) this.#send(world.nowMs());
    else this.#times.enter(SECURING, world.nowMs());
  }

  onSecure(certificateExpiresWallMs: number | undefined): void {
    this.#certificateExpiresWallMs = certificateExpiresWallMs;
    this.#send(this.#plan.world.nowMs());
  }

  onData(bytes: Uint8Array): void {
    const phase = this.#times.phase;
    // Bytes that nobody asked for: this connection can no longer be trusted to be in step.
    if (phase < WAITING) return this.#onLost("reset", "bytes that were not asked for");
    const parser = this.#parser;
    const nowMs = this.#plan.world.nowMs();
    if (phase === WAITING) this.#times.enter(RECEIVING, nowMs);
    parser.push(bytes);
    // The status first: a failing server is rarely worth the rest of its answer, and how the
    // answer was cut into pieces must not decide between two reasons.
    if (parser.isHeadDone && !this.#plan.options.statusMatches(parser.status)) {
      this.#fail("status", `the status is ${parser.status}`);
    } else if (parser.failure !== null) {
      this.#fail(parser.failure.reason, parser.failure.detail);
    } else if (parser.isDone) {
      this.#complete(nowMs);
    }
  }

  onEnd(): void {
    if (this.#times.phase === RECEIVING && this.#parser.finish()) {
      this.#complete(this.#plan.world.nowMs());
    } else {
      this.#onLost("reset", "the server closed the connection");
    }
  }

  onFault(fault: ConnectionFault, detail: string, certificateExpiresWallMs?: number): void {
    if (fault === "tls") this.#certificateExpiresWallMs = certificateExpiresWallMs;
    this.#onLost(fault, detail);
  }

  #onLost(reason: ConnectionFault, detail: string): void {
    const { phase, activity } = this.#times;
    if (phase < CONNECTING) return this.#dropConnection();
    if (phase === CONNECTING && this.#addressIndex < this.#addresses.length) {
      this.#dropConnection();
      return this.#dialNext(this.#plan.world.nowMs());
    }
    if (phase === WAITING && this.#isReused) {
      this.#dropConnection();
      return this.#connect(this.#plan.world.nowMs());
    }
    this.#fail(reason, `${detail} (${activity})`);
  }

  #onAlarm(nowMs: number): void {
    const { phase, activity } = this.#times;
    if (phase === CONNECTING && nowMs < this.#deadlineMs) {
      return this.#onLost("unreachable", "no answer in its share of the time");
    }
    const phaseMs = Math.round(this.#times.inPhaseMs(nowMs));
    const { timeoutMs } = this.#plan.options;
    this.#fail("timeout", `no answer within ${timeoutMs} ms, ${phaseMs} ms of them ${activity}`);
  }

  #complete(nowMs: number): void {
    const { bodyMatches } = this.#plan.options;
    const { status, bodyBytes, keepsAlive } = this.#parser;
    // `search`, because `test` would go on from where the last match of a sticky expression ended.
    if (bodyMatches !== undefined && this.#parser.body().search(bodyMatches) < 0) {
      return this.#fail("body", `nothing in ${bodyBytes} bytes of body matches ${bodyMatches}`);
    }
    this.#times.enter(IDLE, nowMs);
    this.#settle(
      {
        ok: true,
        status,
        reusedConnection: this.#isReused,
        timings: this.#times.timings(nowMs),
        certificateExpiresWallMs: this.#certificateExpiresWallMs,
      },
      keepsAlive && this.#plan.keepsAlive,
    );
  }

  #failLate(attempt: number, error: unknown): void {
    if (attempt === this.#attempt) this.#fail("resolve", messageOf(error));
  }

  #fail(reason: ProbeFailureReason, detail: string): void {
    const nowMs = this.#plan.world.nowMs();
    this.#times.enter(IDLE, nowMs);
    const outcome: ProbeOutcome = {
      ok: false,
      reason,
      detail,
      timings: this.#times.timings(nowMs),
      certificateExpiresWallMs: this.#certificateExpiresWallMs,
    };
    if (!this.#isStarting) return this.#settle(outcome, false);
    const attempt = ++this.#attempt;
    queueMicrotask(() => {
      if (attempt === this.#attempt) this.#settle(outcome, false);
    });
  }

  #settle(outcome: ProbeOutcome, keepsConnection: boolean): void {
    const done = this.#done!;
    this.#attempt++;
    this.#done = null;
    this.#plan.world.wheel.clear(this.#alarm);
    if (!keepsConnection) this.#dropConnection();
    this.#parser.reset();
    this.#owner.settled(this);
    done(outcome);
  }

  #dropConnection(): void {
    this.#connection?.close();
    this.#connection = null;
    this.#certificateExpiresWallMs = undefined;
  }
}
