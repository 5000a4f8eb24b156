/**
 * The alert record as a part of the replicated state: commands in, answers out, and a word to whoever
 * subscribed whenever it may have changed.
 */
import type { AppliedCommand, ApplyResult } from "../raft/mod.ts";
import {
  decodeAlertCommand,
  decodeAlertContents,
  encodeAlertAnswer,
  encodeAlertContents,
} from "./alert_codec.ts";
import type { AlertContents } from "./alert_record.ts";
import { AlertState, EMPTY_ALERTS, type AlertLimits } from "./alert_state.ts";

export interface AlertMachineOptions {
  /** For tests: all members of a cluster have to have the same. */
  readonly limits?: AlertLimits;
}

export type AlertsRead =
  | { readonly ok: true; readonly contents: AlertContents }
  | { readonly ok: false; readonly error: string };

export class AlertMachine {
  readonly #limits: AlertLimits | undefined;
  #state: AlertState;
  readonly #listeners = new Map<symbol, () => void>();

  constructor({ limits }: AlertMachineOptions = {}) {
    this.#limits = limits;
    this.#state = new AlertState(undefined, limits);
  }

  /** What was applied here until now. */
  readLocal(): AlertContents {
    return this.#state.contents();
  }

  /** Whether no command was ever applied: then the cluster's state is as if there were no alerts. */
  get isUntouched(): boolean {
    const { nextNumber, droppedCount, silences } = this.#state.contents();
    return nextNumber === 1 && droppedCount === 0 && silences.size === 0;
  }

  /** The listener must not throw. The result ends the subscription. */
  subscribe(listener: () => void): () => void {
    const token = Symbol("subscription");
    this.#listeners.set(token, listener);
    return () => void this.#listeners.delete(token);
  }

  apply({ data }: AppliedCommand): ApplyResult {
    const decoded = decodeAlertCommand(data);
    if (!decoded.ok) {
      const error = `alert command unreadable: ${decoded.detail}`;
      return decoded.isLater ? { ok: false, error, isPassedOver: true } : { ok: false, error };
    }
    const answer = this.#state.apply(decoded.value);
    this.#tell();
    return { ok: true, output: encodeAlertAnswer(answer) };
  }

  snapshot(): Uint8Array {
    return encodeAlertContents(this.#state.contents());
  }

  /** Reads what `snapshot` gave, and changes nothing. */
  read(data: Uint8Array): AlertsRead {
    const decoded = decodeAlertContents(data);
    if (decoded.ok) return { ok: true, contents: decoded.value };
    return { ok: false, error: `alert record unreadable: ${decoded.detail}` };
  }

  /** Takes these contents for its own. */
  replace(contents: AlertContents = EMPTY_ALERTS): void {
    this.#state = new AlertState(contents, this.#limits);
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners.values()) listener();
  }
}
