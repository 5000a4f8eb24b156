/**
 * This monitor's sessions with the replicated log: as many commands at a time as there may be sessions, the
 * rest wait their turn, and each has one deadline for all of it. Sessions are opened when they are
 * needed, and the one that was used last is taken first, so that those not needed may expire.
 */
import type { AttemptsWorld } from "./attempts.ts";
import { ClientSession, type CommandOutcome, type Proposer } from "./client_session.ts";

export interface ClientSessionsOptions {
  /** Commands under way at a time. More: throughput, and more sessions in every snapshot. >= 1. */
  readonly maxSessions: number;
  /** Commands that wait for a session; more are refused. >= 0. */
  readonly maxWaiting: number;
  /** From the call to the outcome. */
  readonly deadlineMs: number;
}

interface Job {
  readonly command: Uint8Array;
  readonly done: (outcome: CommandOutcome) => void;
  cancelDeadline: () => void;
}

export class ClientSessions {
  readonly #log: Proposer;
  readonly #world: AttemptsWorld;
  readonly #options: ClientSessionsOptions;
  /** Those that run nothing; the last one used is the last. */
  readonly #idle: ClientSession[] = [];
  readonly #running = new Map<Job, ClientSession>();
  /** In the order of their coming. */
  readonly #waiting = new Set<Job>();
  #isBeginning = false;
  #isClosed = false;

  constructor(log: Proposer, world: AttemptsWorld, options: ClientSessionsOptions) {
    this.#log = log;
    this.#world = world;
    this.#options = options;
  }

  /** Runs a command. `done` is called once, within the deadline, perhaps at once. */
  run(command: Uint8Array, done: (outcome: CommandOutcome) => void): void {
    const { maxWaiting, deadlineMs } = this.#options;
    if (this.#isClosed) return done({ kind: "failed", detail: "this monitor is stopping" });
    if (this.#freeCount === 0 && this.#waiting.size >= maxWaiting) {
      return done({ kind: "failed", detail: `${maxWaiting} others wait already` });
    }
    const job: Job = { command, done, cancelDeadline: () => {} };
    job.cancelDeadline = this.#world.timers.after(deadlineMs, () => this.#timeIsUp(job));
    this.#waiting.add(job);
    this.#beginWaiting();
  }

  /** Ends all commands with what is known of them; none is taken any more. */
  close(): void {
    this.#isClosed = true;
    for (const job of this.#waiting) this.#dismiss(job, "this monitor is stopping");
    for (const [job, session] of this.#running) this.#end(job, session.giveUp());
  }

  get #freeCount(): number {
    return this.#options.maxSessions - this.#running.size;
  }

  #beginWaiting(): void {
    // One that ends at once comes back here.
    if (this.#isBeginning) return;
    this.#isBeginning = true;
    try {
      for (const job of this.#waiting) {
        if (this.#freeCount === 0) return;
        this.#waiting.delete(job);
        this.#begin(job);
      }
    } finally {
      this.#isBeginning = false;
    }
  }

  #begin(job: Job): void {
    const session = this.#idle.pop() ?? new ClientSession(this.#log, this.#world);
    this.#running.set(job, session);
    session.run(job.command, (outcome) => this.#end(job, outcome));
  }

  #timeIsUp(job: Job): void {
    const within = `within ${this.#options.deadlineMs} ms`;
    const session = this.#running.get(job);
    if (session === undefined) return this.#dismiss(job, `its turn did not come ${within}`);
    const { kind, detail } = session.giveUp();
    this.#end(job, { kind, detail: `nothing came of it ${within}: ${detail}` });
  }

  /** Ends one that was not begun. */
  #dismiss(job: Job, detail: string): void {
    this.#waiting.delete(job);
    job.cancelDeadline();
    job.done({ kind: "failed", detail });
  }

  #end(job: Job, outcome: CommandOutcome): void {
    const session = this.#running.get(job);
    if (session === undefined) return;
    job.cancelDeadline();
    this.#running.delete(job);
    this.#idle.push(session);
    job.done(outcome);
    this.#beginWaiting();
  }
}
