/**
 * A simulated client: one operation at a time, through any member, under a session. When an answer does
 * not come, or says that nothing is certain, it tries the same command again under the same number,
 * and gives up at some point; then nobody knows the outcome, and that is what the history says.
 */
import {
  decodeSessionId,
  encodeOpenSession,
  encodeRun,
  type ProposalOutcome,
  type RaftMember,
  sessionRefusalOf,
} from "../../src/raft/mod.ts";
import { EVENT } from "./event_queue.ts";
import type { History, OpenOperation, RegisterInput } from "./history.ts";
import type { Host } from "./host.ts";
import { mustHold } from "./invariants/violation.ts";
import type { Random } from "./random.ts";
import { decodeResult, encodeCommand, type RegisterResult } from "./register_machine.ts";
import type { World } from "./world.ts";

/** What a client is at: opening a session, or an operation. */
interface Task {
  /** Undefined while the session is being opened. */
  readonly operation: OpenOperation | undefined;
  /** Whether it is a get that does not go through the log. */
  readonly isLocalRead: boolean;
  /** The client's own count of its logged commands, over all sessions. */
  readonly command: number;
  readonly paddingBytes: number;
  attempts: number;
  isOver: boolean;
}

/** How a try ended, as the client sees it. */
type Answer =
  | { readonly kind: "session"; readonly session: number }
  | { readonly kind: "result"; readonly result: RegisterResult; readonly attempt: number }
  /** Try again. */
  | { readonly kind: "nothing" }
  /** No try will ever tell: the session is gone, or its answer. */
  | { readonly kind: "forgotten"; readonly losesSession: boolean };

export class Client {
  readonly #world: World;
  readonly #history: History;
  readonly #random: Random;
  readonly #number: number;
  #session: number | undefined;
  #sequence = 0;
  #commands = 0;
  /** Rises whenever an outcome stays unknown: who called that may yet have an effect. */
  #generation = 0;
  #lastHost: Host | undefined;
  /** How many more operations it does; then it rests. */
  #remaining = Infinity;
  #isResting = false;
  /** Whether its last operation was a write. */
  #hasWritten = false;
  #operations = 0;

  constructor(world: World, history: History, number: number) {
    this.#world = world;
    this.#history = history;
    this.#number = number;
    this.#random = world.random.fork(`client ${number}`);
  }

  get name(): string {
    return `client${this.#number}`;
  }

  /** Whether it has done all that it was asked to. */
  get isResting(): boolean {
    return this.#isResting;
  }

  /** How many operations it has begun. */
  get operations(): number {
    return this.#operations;
  }

  start(): void {
    this.#think();
  }

  /**
   * Lets it finish what it is at, however long that takes, and then do `operations` more: a write, a
   * read, and so on.
   */
  finish(operations: number): void {
    this.#remaining = operations;
    this.#hasWritten = false;
    if (!this.#isResting) return;
    this.#isResting = false;
    this.#think();
  }

  #think(): void {
    if (this.#remaining <= 0) {
      this.#isResting = true;
      return;
    }
    const { thinkUs } = this.#world.personality.client;
    this.#later(this.#random.below(thinkUs) + 1, () => this.#begin());
  }

  #begin(): void {
    const { readChance, loggedReadChance, paddingBytes } = this.#world.personality.client;
    const isFinishing = this.#remaining < Infinity;
    if (this.#session === undefined) return this.#try(newTask({ command: 0, paddingBytes: 0 }));
    this.#remaining--;
    this.#operations++;
    const isRead = isFinishing ? this.#hasWritten : this.#random.chance(readChance);
    const isLocalRead = isRead && (isFinishing || !this.#random.chance(loggedReadChance));
    this.#hasWritten = !isRead;
    const input = this.#draw(isRead);
    if (!isLocalRead) {
      this.#sequence++;
      this.#commands++;
    }
    const padding = paddingBytes === 0 ? 0 : this.#random.below(paddingBytes);
    const command = this.#commands;
    const name = isLocalRead ? undefined : this.#nameOf(command);
    const operation = this.#history.invoked(`${this.name}.${this.#generation}`, input, name);
    this.#try(newTask({ operation, isLocalRead, command, paddingBytes: padding }));
  }

  #nameOf(command: number): string {
    return `${this.#number}/${command}`;
  }

  #draw(isRead: boolean): RegisterInput {
    const key = this.#random.below(this.#world.personality.keys);
    const value = this.#random.between(1, 3);
    const kind = isRead ? "get" : this.#random.pick(["put", "compareAndSet", "fold"] as const);
    // Small values, so that a compare-and-set often meets what it expects.
    return { kind, key, value, expected: this.#random.below(4) };
  }

  #try(task: Task): void {
    const { maxAttempts, timeoutUs } = this.#world.personality.client;
    if (task.attempts >= maxAttempts && this.#remaining === Infinity) return this.#giveUp(task);
    task.attempts++;
    const attempt = task.attempts;
    const host = this.#pickHost();
    const { queue } = this.#world;
    queue.schedule(this.#random.between(20, 1_500), EVENT.client, host.number, () => {
      if (host.isUp) host.enter((member) => this.#ask(task, member, host));
      else this.#retryLater(task);
    });
    this.#later(timeoutUs, () => {
      if (!task.isOver && task.attempts === attempt) this.#try(task);
    });
  }

  /** Puts the question to a member. What it answers comes back later, or is lost. */
  #ask(task: Task, member: RaftMember, host: Host): void {
    if (task.isOver) return;
    const { outcomes } = this.#world.invariants;
    const { operation } = task;
    if (operation === undefined) {
      member.propose(encodeOpenSession(), (outcome) => this.#answer(task, host, opened(outcome)));
    } else if (task.isLocalRead) {
      const leastIndex = outcomes.acknowledgedIndex;
      member.read((outcome) => {
        if (!outcome.ok) return this.#answer(task, host, { kind: "nothing" });
        const value = host.machine.valueOf(operation.input.key);
        checkRead(host.id, outcome.index, leastIndex);
        const result = { isApplied: false, value };
        this.#answer(task, host, { kind: "result", result, attempt: -1 });
      });
    } else {
      const attempt = outcomes.begin();
      member.propose(this.#encode(task, operation.input, attempt), (outcome) => {
        outcomes.tell(attempt, outcome.kind, outcome.kind === "committed" ? outcome.index : 0);
        this.#answer(task, host, this.#read(outcome, attempt));
      });
    }
  }

  #encode(task: Task, input: RegisterInput, attempt: number): Uint8Array {
    const { command: sequence, paddingBytes } = task;
    const command = { ...input, client: this.#number, sequence, attempt };
    return encodeRun(this.#session!, this.#sequence, encodeCommand(command, paddingBytes));
  }

  #read(outcome: ProposalOutcome, attempt: number): Answer {
    if (outcome.kind !== "committed") return { kind: "nothing" };
    const { result } = outcome;
    if (result.ok) return { kind: "result", result: decodeResult(result.output), attempt };
    const refusal = sessionRefusalOf(result);
    mustHold(
      refusal !== undefined,
      "a command of the workload can be applied",
      () => `${this.name}: ${result.error}`,
    );
    // A command that the client has given up on may be overtaken by the next.
    return { kind: "forgotten", losesSession: refusal === "expired" };
  }

  /** Answers travel, and some get lost. Never acts at once, since the member is at work. */
  #answer(task: Task, host: Host, answer: Answer): void {
    const { lostAnswerChance } = this.#world.personality.client;
    const isLost = this.#remaining === Infinity && this.#random.chance(lostAnswerChance);
    if (isLost || task.isOver) return;
    this.#later(this.#random.between(20, 1_500), () => {
      if (!task.isOver) this.#take(task, host, answer);
    });
  }

  #take(task: Task, host: Host, answer: Answer): void {
    switch (answer.kind) {
      case "nothing":
        this.#lastHost = undefined;
        return this.#retryLater(task);
      case "session":
        this.#session = answer.session;
        this.#sequence = 0;
        this.#lastHost = host;
        return this.#end(task);
      case "forgotten":
        if (answer.losesSession) this.#session = undefined;
        return this.#giveUp(task);
      case "result":
        this.#lastHost = host;
        if (!task.isLocalRead) this.#acknowledge(task, answer.attempt);
        this.#history.returned(task.operation!, answer.result);
        return this.#end(task);
    }
  }

  #acknowledge(task: Task, attempt: number): void {
    const { invariants, coverage } = this.#world;
    const command = this.#nameOf(task.command);
    invariants.outcomes.acknowledge(command, attempt);
    if (!invariants.outcomes.isEffective(command, attempt)) {
      coverage.hit("retry of a command that had taken effect");
    }
  }

  #retryLater(task: Task): void {
    const attempt = task.attempts;
    this.#later(this.#random.between(1_000, 20_000), () => {
      if (!task.isOver && task.attempts === attempt) this.#try(task);
    });
  }

  #giveUp(task: Task): void {
    if (task.operation !== undefined) {
      this.#history.forgotten(task.operation);
      this.#generation++;
      this.#world.coverage.hit("client gave up");
      // It was to do one more that succeeds.
      if (this.#remaining < Infinity) this.#remaining++;
    }
    this.#end(task);
  }

  #end(task: Task): void {
    task.isOver = true;
    this.#think();
  }

  /** A member that looks reachable: the last one that answered, or any. */
  #pickHost(): Host {
    const { hosts, reachable = hosts, personality } = this.#world;
    const isSticky = this.#random.chance(personality.client.stickiness);
    const last = this.#lastHost;
    if (isSticky && last?.isUp && reachable.includes(last)) return last;
    const up = reachable.filter((host) => host.isUp);
    return this.#random.pick(up.length > 0 ? up : hosts);
  }

  #later(delayUs: number, run: () => void): void {
    this.#world.queue.schedule(delayUs, EVENT.client, 200 + this.#number, run);
  }
}

function newTask(task: Partial<Task> & { command: number; paddingBytes: number }): Task {
  return { operation: undefined, isLocalRead: false, attempts: 0, isOver: false, ...task };
}

function opened(outcome: ProposalOutcome): Answer {
  if (outcome.kind !== "committed" || !outcome.result.ok) return { kind: "nothing" };
  const session = decodeSessionId(outcome.result.output);
  return session.ok ? { kind: "session", session: session.value } : { kind: "nothing" };
}

/** A read sees all that anybody was told of before it was asked for. */
function checkRead(id: string, index: number, leastIndex: number): void {
  mustHold(
    index >= leastIndex,
    "a read sees what was acknowledged",
    () => `${id} serves a read at ${index}; ${leastIndex} was acknowledged before it was asked`,
  );
}
