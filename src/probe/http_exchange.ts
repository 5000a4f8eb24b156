/**
 * One connection to a target, and the question that is out on it, if any. A question passes through
 * the phases below; whatever happens (bytes, a fault, the deadline) is looked at in the light of the
 * phase, and ends in one outcome. Afterwards the connection is kept where that is lawful, and watched:
 * a server that closes it meanwhile has done nothing wrong. Even one that closes it in the very moment
 * in which it is used again has not, so such a question is asked again, once, on a new connection,
 * within the same deadline. All events run without promises and without closures, but for files
 * and look-ups, whose late answers a counter tells from timely ones.
 */
import type { Connection, ConnectionEvents, ConnectionFault, DialTls } from "../port.ts";
import { type HttpPlan, messageOf, readRequest } from "./http_plan.ts";
import { HttpResponseParser } from "./http_parser.ts";
import type { ProbeFailureReason, ProbeOutcome, ProbeTimings } from "./outcome.ts";
import { Alarm } from "./wheel.ts";

const IDLE = 0;
const PREPARING = 1;
const RESOLVING = 2;
const CONNECTING = 3;
const SECURING = 4;
const WAITING = 5;
const RECEIVING = 6;

const NO_ADDRESSES: readonly string[] = [];

/** What the time of each phase went into, for people. */
const ACTIVITIES = [
  "idle",
  "reading files",
  "looking the name up",
  "connecting",
  "in the TLS handshake",
  "waiting for the answer",
  "reading the answer",
] as const;

/** Who is told, before the question's `done` is called, that the exchange has settled. */
export interface ExchangeOwner {
  settled(exchange: HttpExchange): void;
}

export class HttpExchange implements ConnectionEvents {
  readonly #plan: HttpPlan;
  readonly #owner: ExchangeOwner;
  readonly #parser: HttpResponseParser;
  readonly #alarm: Alarm;
  #connection: Connection | null = null;
  #certificateExpiresWallMs: number | undefined = undefined;
  /** Invariant: null exactly when the phase is IDLE. */
  #done: ((outcome: ProbeOutcome) => void) | null = null;
  #phase = IDLE;
  /** Moves whenever what files and look-ups are waited for has become meaningless. */
  #attempt = 0;
  /** True while `ask` runs, which must not call `done`. */
  #isStarting = false;
  #isReused = false;
  #request = "";
  #tls: DialTls | undefined = undefined;
  #addresses: readonly string[] = NO_ADDRESSES;
  #addressIndex = 0;
  #startMs = 0;
  #phaseStartMs = 0;
  #resolveMs = 0;
  #connectMs = 0;
  #tlsMs = 0;
  #firstByteMs = 0;
  #bodyMs = 0;

  constructor(plan: HttpPlan, owner: ExchangeOwner) {
    this.#plan = plan;
    this.#owner = owner;
    this.#parser = new HttpResponseParser(plan.parserOptions);
    this.#alarm = new Alarm((nowMs) => this.#onAlarm(nowMs));
  }

  /** Whether a question is out. */
  get isBusy(): boolean {
    return this.#phase !== IDLE;
  }

  get hasConnection(): boolean {
    return this.#connection !== null;
  }

  /** Asks, on the kept connection if there is one. Must not be busy. */
  ask(done: (outcome: ProbeOutcome) => void): void {
    const { world, options, hasSecret, request } = this.#plan;
    const nowMs = world.nowMs();
    this.#done = done;
    this.#startMs = nowMs;
    this.#phaseStartMs = nowMs;
    this.#resolveMs = 0;
    this.#connectMs = 0;
    this.#tlsMs = 0;
    this.#firstByteMs = 0;
    this.#bodyMs = 0;
    world.wheel.set(this.#alarm, nowMs + options.timeoutMs);
    this.#isStarting = true;
    this.#phase = PREPARING;
    if (hasSecret) {
      this.#readSecret();
    } else {
      this.#request = request;
      this.#askOrConnect(nowMs);
    }
    this.#isStarting = false;
  }

  /** Gives up the question, whose `done` is never called, and the connection. */
  close(): void {
    this.#attempt++;
    this.#phase = IDLE;
    this.#done = null;
    this.#plan.world.wheel.clear(this.#alarm);
    this.#dropConnection();
    this.#parser.reset();
  }

  #readSecret(): void {
    const attempt = ++this.#attempt;
    readRequest(this.#plan).then(
      (result) => {
        if (attempt !== this.#attempt) return;
        // Nothing was sent, and the server is not to blame: of the closed list of reasons,
        // `not_allowed` is the one that says so.
        if (!result.ok) return this.#fail("not_allowed", result.detail);
        this.#request = result.request;
        this.#askOrConnect(this.#plan.world.nowMs());
      },
      (error: unknown) => this.#failLate(attempt, "not_allowed", error),
    );
  }

  #askOrConnect(nowMs: number): void {
    this.#isReused = this.#connection !== null;
    if (this.#isReused) this.#send(nowMs);
    else this.#connect(nowMs);
  }

  #send(nowMs: number): void {
    this.#phase = WAITING;
    this.#phaseStartMs = nowMs;
    this.#connection!.write(this.#request);
  }

  #connect(nowMs: number): void {
    const { serverName, options, world } = this.#plan;
    this.#isReused = false;
    const attempt = ++this.#attempt;
    if (serverName === undefined) return this.#lookUp(nowMs, attempt);
    const { caFile, insecureSkipVerify } = options.tls;
    this.#tls = { serverName, insecureSkipVerify };
    if (caFile === undefined) return this.#lookUp(nowMs, attempt);
    this.#phase = PREPARING;
    this.#phaseStartMs = nowMs;
    world.readTextFile(caFile).then(
      (caPem) => {
        if (attempt !== this.#attempt) return;
        this.#tls = { serverName, insecureSkipVerify, caPem };
        this.#lookUp(world.nowMs(), attempt);
      },
      (error: unknown) => {
        if (attempt !== this.#attempt) return;
        this.#fail("tls", `cannot read the authorities in ${caFile}: ${messageOf(error)}`);
      },
    );
  }

  #lookUp(nowMs: number, attempt: number): void {
    const { hostName, isLiteral, world } = this.#plan;
    if (isLiteral) return this.#dialAllowed([hostName], nowMs);
    this.#phase = RESOLVING;
    this.#phaseStartMs = nowMs;
    world.resolve(hostName).then(
      (result) => {
        if (attempt !== this.#attempt) return;
        const resolvedMs = world.nowMs();
        this.#resolveMs = resolvedMs - this.#phaseStartMs;
        if (!result.ok) return this.#fail("resolve", result.detail);
        this.#dialAllowed(
          result.addresses.map((address) => address.ip),
          resolvedMs,
        );
      },
      (error: unknown) => this.#failLate(attempt, "resolve", error),
    );
  }

  #dialAllowed(addresses: readonly string[], nowMs: number): void {
    const { hostName, port, world } = this.#plan;
    if (addresses.length === 0) return this.#fail("resolve", `${hostName} has no address`);
    const refusals: string[] = [];
    this.#addresses = addresses.filter((ip) => {
      const check = world.checkAddress(hostName, ip, port);
      if (!check.ok) refusals.push(check.detail);
      return check.ok;
    });
    if (this.#addresses.length === 0) return this.#fail("not_allowed", refusals.join("; "));
    this.#addressIndex = 0;
    this.#dialNext(nowMs);
  }

  /** Of several addresses, none may use up the time of those behind it. */
  #dialNext(nowMs: number): void {
    const { port, world } = this.#plan;
    const addressesLeft = this.#addresses.length - this.#addressIndex;
    if (addressesLeft > 1) {
      world.wheel.set(this.#alarm, nowMs + (this.#deadlineMs - nowMs) / addressesLeft);
    } else if (this.#addresses.length > 1) {
      world.wheel.set(this.#alarm, this.#deadlineMs);
    }
    this.#phase = CONNECTING;
    this.#phaseStartMs = nowMs;
    const ip = this.#addresses[this.#addressIndex++]!;
    const address = this.#tls === undefined ? { ip, port } : { ip, port, tls: this.#tls };
    this.#connection = world.dial(address, this);
  }

  get #deadlineMs(): number {
    return this.#startMs + this.#plan.options.timeoutMs;
  }

  onConnect(): void {
    const nowMs = this.#plan.world.nowMs();
    this.#connectMs += nowMs - this.#phaseStartMs;
    if (this.#addresses.length > 1) this.#plan.world.wheel.set(this.#alarm, this.#deadlineMs);
    // Not held while the connection is idle: a file of authorities is large.
    this.#tls = undefined;
    this.#addresses = NO_ADDRESSES;
    if (this.#plan.serverName === undefined) return this.#send(nowMs);
    this.#phase = SECURING;
    this.#phaseStartMs = nowMs;
  }

  onSecure(certificateExpiresWallMs: number | undefined): void {
    const nowMs = this.#plan.world.nowMs();
    this.#tlsMs = nowMs - this.#phaseStartMs;
    this.#certificateExpiresWallMs = certificateExpiresWallMs;
    this.#send(nowMs);
  }

  onData(bytes: Uint8Array): void {
    // Bytes that nobody asked for: this connection can no longer be trusted to be in step.
    if (this.#phase < WAITING) return this.#dropConnection();
    const nowMs = this.#plan.world.nowMs();
    if (this.#phase === WAITING) {
      this.#firstByteMs = nowMs - this.#phaseStartMs;
      this.#phase = RECEIVING;
      this.#phaseStartMs = nowMs;
    }
    const parser = this.#parser;
    parser.push(bytes);
    // The status first: a failing server is rarely worth the rest of its answer, and how the
    // answer was cut into pieces must not decide between two reasons.
    if (parser.isHeadDone && !this.#plan.options.statusMatches(parser.status)) {
      this.#bodyMs = nowMs - this.#phaseStartMs;
      this.#fail("status", `the status is ${parser.status}`);
    } else if (parser.failure !== null) {
      this.#bodyMs = nowMs - this.#phaseStartMs;
      this.#fail(parser.failure.reason, parser.failure.detail);
    } else if (parser.isDone) {
      this.#complete(nowMs);
    }
  }

  onEnd(): void {
    const hasAnswer = this.#phase === RECEIVING && this.#parser.finish();
    if (hasAnswer) return this.#complete(this.#plan.world.nowMs());
    this.#onLost("reset", "the server closed the connection");
  }

  onFault(fault: ConnectionFault, detail: string, certificateExpiresWallMs?: number): void {
    if (fault === "tls") this.#certificateExpiresWallMs = certificateExpiresWallMs;
    this.#onLost(fault, detail);
  }

  #onLost(reason: ConnectionFault, detail: string): void {
    const { world } = this.#plan;
    if (this.#phase <= RESOLVING) return this.#dropConnection();
    if (this.#phase === CONNECTING) {
      const nowMs = world.nowMs();
      this.#connectMs += nowMs - this.#phaseStartMs;
      if (this.#addressIndex < this.#addresses.length) {
        this.#dropConnection();
        return this.#dialNext(nowMs);
      }
    }
    if (this.#phase === WAITING && this.#isReused) {
      this.#dropConnection();
      return this.#connect(world.nowMs());
    }
    this.#fail(reason, `${detail}, ${ACTIVITIES[this.#phase]!}`);
  }

  #onAlarm(nowMs: number): void {
    const { options } = this.#plan;
    if (nowMs < this.#deadlineMs && this.#phase === CONNECTING) {
      return this.#onLost(
        "unreachable",
        `no answer from ${this.#addresses[this.#addressIndex - 1]}`,
      );
    }
    const phaseMs = nowMs - this.#phaseStartMs;
    const activity = ACTIVITIES[this.#phase]!;
    this.#addPhase(phaseMs);
    this.#fail(
      "timeout",
      `no complete answer within ${options.timeoutMs} ms, ${Math.round(phaseMs)} ms of them ${activity}`,
    );
  }

  /** Books the time of a phase that was cut short. */
  #addPhase(phaseMs: number): void {
    if (this.#phase === RESOLVING) this.#resolveMs += phaseMs;
    else if (this.#phase === CONNECTING) this.#connectMs += phaseMs;
    else if (this.#phase === SECURING) this.#tlsMs += phaseMs;
    else if (this.#phase === WAITING) this.#firstByteMs += phaseMs;
    else if (this.#phase === RECEIVING) this.#bodyMs += phaseMs;
  }

  #complete(nowMs: number): void {
    const { bodyMatches } = this.#plan.options;
    const parser = this.#parser;
    this.#bodyMs = nowMs - this.#phaseStartMs;
    // `search`, because `test` would go on from where the last match of a sticky expression ended.
    if (bodyMatches !== undefined && parser.body().search(bodyMatches) < 0) {
      return this.#fail(
        "body",
        `nothing in ${parser.bodyBytes} bytes of body matches ${bodyMatches}`,
      );
    }
    this.#settle(
      {
        ok: true,
        status: parser.status,
        reusedConnection: this.#isReused,
        timings: this.#timings(nowMs),
        certificateExpiresWallMs: this.#certificateExpiresWallMs,
      },
      parser.keepsAlive && this.#plan.keepsAlive,
    );
  }

  #failLate(attempt: number, reason: ProbeFailureReason, error: unknown): void {
    if (attempt === this.#attempt) this.#fail(reason, messageOf(error));
  }

  #fail(reason: ProbeFailureReason, detail: string): void {
    const outcome: ProbeOutcome = {
      ok: false,
      reason,
      detail,
      timings: this.#timings(this.#plan.world.nowMs()),
      certificateExpiresWallMs: this.#certificateExpiresWallMs,
    };
    if (!this.#isStarting) return this.#settle(outcome, false);
    const attempt = ++this.#attempt;
    queueMicrotask(() => {
      if (attempt === this.#attempt) this.#settle(outcome, false);
    });
  }

  #timings(nowMs: number): ProbeTimings {
    return {
      resolveMs: this.#resolveMs,
      connectMs: this.#connectMs,
      tlsMs: this.#tlsMs,
      firstByteMs: this.#firstByteMs,
      bodyMs: this.#bodyMs,
      totalMs: nowMs - this.#startMs,
    };
  }

  #settle(outcome: ProbeOutcome, keepsConnection: boolean): void {
    const done = this.#done!;
    this.#attempt++;
    this.#phase = IDLE;
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
