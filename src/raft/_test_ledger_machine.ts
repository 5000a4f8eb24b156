/**
 * A state machine that shows what was done to it: it appends each command to a ledger, answers with
 * the command's place, and refuses those that begin with "!". For tests of what wraps a machine.
 */
import type { AppliedCommand, ApplyResult, StateMachine } from "./state_machine.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export class LedgerMachine implements StateMachine {
  /** The commands that took effect, in order. */
  ledger: string[] = [];

  apply({ data }: AppliedCommand): ApplyResult {
    const command = decoder.decode(data);
    if (command.startsWith("!")) return { ok: false, error: `refused ${command}` };
    this.ledger.push(command);
    return { ok: true, output: encoder.encode(`${this.ledger.length} ${command}`) };
  }

  snapshot(): Uint8Array {
    return encoder.encode(JSON.stringify(this.ledger));
  }

  /** A byte each. */
  snapshotParts(): Iterable<Uint8Array> {
    return Array.from(this.snapshot(), (byte) => Uint8Array.of(byte));
  }

  restore(data: Uint8Array): ReturnType<StateMachine["restore"]> {
    try {
      const ledger: unknown = JSON.parse(decoder.decode(data));
      if (!Array.isArray(ledger)) return { ok: false, error: "no ledger" };
      this.ledger = ledger.map(String);
      return { ok: true };
    } catch {
      return { ok: false, error: "no ledger" };
    }
  }
}
