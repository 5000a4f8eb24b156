/**
 * One question and its answer. It passes through the phases of `PhaseTimes`, on a line that was kept
 * or on one of its own; whatever happens (bytes, a fault, the deadline) is looked at in the light of
 * the phase, and ends in one outcome. A kept line that the server closes in the very moment in which it is
 * used again is no failure: such a question is asked again, once, on a new line, within the same
 * deadline. All events run without promises and without closures, but for files and look-ups,
 * whose late answers a counter tells from timely ones.
 */
import type { ConnectionEvents, ConnectionFault, DialTls } from "../port.ts";
import { HttpLine } from "./_http_line.ts";
import { allowedAddresses, readRequest, readTls, tlsWithoutFile } from "./_http_preparation.ts";
import {
  CONNECTING,
  IDLE,
  PhaseTimes,
  RECEIVING,
  RESOLVING,
  SECURING,
  WAITING,
} from "./_phase_times.ts";
import { HttpResponseParser } from "./http_parser.ts";
import { requestOf, type HttpPlan } from "./http_plan.ts";
import type { ProbeFailureReason, ProbeOutcome } from "./outcome.ts";
import { Alarm } from "./wheel.ts";

const NO_ADDRESSES: readonly string[] = [];

/** Who began an exchange, and goes on when it is over. */
export interface ExchangeOwner {
  /** The line is one that may be used again, or null. */
  settled(exchange: HttpExchange, line: HttpLine | null): void;
}

export class HttpExchange extends Alarm implements ConnectionEvents {
  readonly #plan: HttpPlan;
  readonly #owner: ExchangeOwner;
  readonly #done: (outcome: ProbeOutcome) => void;
  readonly #times: PhaseTimes;
  readonly #parser: HttpResponseParser;
  #line: HttpLine | null;
  /** Whether anything came back, good or bad. */
  isAnswered = false;
  /** For the owner: the one that was asked before and is still out. */
  before: HttpExchange | null = null;
  /** Moves whenever what files and look-ups are waited for has become meaningless. */
  #attempt = 0;
  /** True while `start` runs, which must not call `done`. */
  #isStarting = false;
  /** Whether it was asked on a line that had answered before. */
  isReused = false;
  #request: string;
  #tls: DialTls | undefined = undefined;
  #addresses = NO_ADDRESSES;
  /** Of the next address to try. */
  #addressIndex = 0;

  /** With `line`, one that is open, the question goes out on it. */
  constructor(
    plan: HttpPlan,
    line: HttpLine | null,
    owner: ExchangeOwner,
    done: (outcome: ProbeOutcome) => void,
  ) {
    super();
    this.#plan = plan;
    this.#line = line;
    this.#owner = owner;
    this.#done = done;
    this.#request = requestOf(plan);
    this.#times = new PhaseTimes(plan.world.nowMs());
    this.#parser = new HttpResponseParser(plan.settings.parserOptions);
    line?.serve(this);
  }

  /** Asks. To be called once. */
  start(): void {
    const { world, settings } = this.#plan;
    world.wheel.set(this, this.#deadlineMs);
    this.#isStarting = true;
    if (settings.hasSecret) {
      const attempt = ++this.#attempt;
      // It has no way to fail but a defect, which is to end the process.
      void this.#askWithSecret(attempt);
    } else {
      this.#askOrConnect(this.#times.startMs);
    }
    this.#isStarting = false;
  }

  /** Gives up: `done` is never called, and the line is closed. */
  close(): void {
    this.#attempt++;
    this.#plan.world.wheel.clear(this);
    this.#dropLine();
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
    if (this.#line === null) return this.#connect(nowMs);
    this.isReused = true;
    this.#send(this.#line, nowMs);
  }

  #send(line: HttpLine, nowMs: number): void {
    this.#times.enter(WAITING, nowMs);
    line.write(this.#request);
  }

  #connect(nowMs: number): void {
    this.isReused = false;
    const attempt = ++this.#attempt;
    if (this.#plan.isDirect) {
      this.#tls = tlsWithoutFile(this.#plan);
      this.#dialAllowed([this.#plan.hostName], nowMs);
    } else {
      // As above.
      void this.#lookUp(attempt);
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
      world.wheel.set(this, isLast ? this.#deadlineMs : nowMs + shareMs);
    }
    this.#times.enter(CONNECTING, nowMs);
    const ip = this.#addresses[this.#addressIndex++]!;
    const address = this.#tls === undefined ? { ip, port } : { ip, port, tls: this.#tls };
    this.#line = new HttpLine(world.dial, address, this);
  }

  get #deadlineMs(): number {
    return this.#times.startMs + this.#plan.settings.options.timeoutMs;
  }

  onConnect(): void {
    const { world, serverName } = this.#plan;
    if (serverName === undefined) this.#sendFirst(world.nowMs());
    else this.#times.enter(SECURING, world.nowMs());
  }

  onSecure(): void {
    this.#sendFirst(this.#plan.world.nowMs());
  }

  /** This address answers, so it has all the time that is left. */
  #sendFirst(nowMs: number): void {
    if (this.#addresses.length > 1) this.#plan.world.wheel.set(this, this.#deadlineMs);
    this.#send(this.#line!, nowMs);
  }

  onData(bytes: Uint8Array): void {
    const { phase } = this.#times;
    // Bytes that nobody asked for: this line can no longer be trusted to be in step.
    if (phase < WAITING) return this.#onLost("reset", "bytes that were not asked for");
    const parser = this.#parser;
    const nowMs = this.#plan.world.nowMs();
    if (phase === WAITING) {
      this.isAnswered = true;
      this.#times.enter(RECEIVING, nowMs);
    }
    parser.push(bytes);
    // The status first: a failing server is rarely worth the rest of its answer, and how the
    // answer was cut into pieces must not decide between two reasons.
    if (parser.isHeadDone && !this.#plan.settings.options.statusMatches(parser.status)) {
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

  onFault(fault: ConnectionFault, detail: string): void {
    this.#onLost(fault, detail);
  }

  #onLost(reason: ConnectionFault, detail: string): void {
    const { phase, activity } = this.#times;
    // A kept line, while the secret is read: it was not in use yet.
    if (phase < CONNECTING) return this.#dropLine();
    if (phase === CONNECTING && this.#addressIndex < this.#addresses.length) {
      this.#dropLine();
      return this.#dialNext(this.#plan.world.nowMs());
    }
    if (phase === WAITING && this.isReused) {
      this.#dropLine();
      return this.#connect(this.#plan.world.nowMs());
    }
    this.#fail(reason, `${detail} (${activity})`);
  }

  ring(nowMs: number): void {
    const { activity } = this.#times;
    if (nowMs < this.#deadlineMs) {
      // Not the deadline yet, but the end of this address's share.
      this.#dropLine();
      return this.#dialNext(nowMs);
    }
    const phaseMs = Math.round(this.#times.inPhaseMs(nowMs));
    const { timeoutMs } = this.#plan.settings.options;
    this.#fail("timeout", `no answer within ${timeoutMs} ms, ${phaseMs} ms of them ${activity}`);
  }

  #complete(nowMs: number): void {
    const { bodyMatches } = this.#plan.settings.options;
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
        reusedConnection: this.isReused,
        timings: this.#times.timings(nowMs),
        certificateExpiresWallMs: this.#line?.certificateExpiresWallMs,
      },
      keepsAlive && this.#plan.settings.keepsAlive,
    );
  }

  #fail(reason: ProbeFailureReason, detail: string): void {
    const nowMs = this.#plan.world.nowMs();
    this.#times.enter(IDLE, nowMs);
    const outcome: ProbeOutcome = {
      ok: false,
      reason,
      detail,
      timings: this.#times.timings(nowMs),
      certificateExpiresWallMs: this.#line?.certificateExpiresWallMs,
    };
    if (!this.#isStarting) return this.#settle(outcome, false);
    const attempt = ++this.#attempt;
    queueMicrotask(() => {
      if (attempt === this.#attempt) this.#settle(outcome, false);
    });
  }

  #settle(outcome: ProbeOutcome, keepsLine: boolean): void {
    this.#attempt++;
    this.#plan.world.wheel.clear(this);
    if (!keepsLine) this.#dropLine();
    const line = this.#line;
    // It watches itself from now on, and holds this exchange no longer.
    line?.serve(null);
    this.#owner.settled(this, line);
    this.#done(outcome);
  }

  #dropLine(): void {
    this.#line?.close();
    this.#line = null;
  }
}
