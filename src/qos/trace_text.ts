/**
 * Reads the text of a trace as it comes: pieces of bytes in, a `Trace` out, or the first line that is
 * wrong and why. `sequence arrival_ms` a line, in order of arrival; blank lines and what follows a `#`
 * mean nothing, and a line may end in CR LF. Only the numbers are kept, so that the text may be larger
 * than the memory. Almost every line is digits with a space between, and is read without becoming a
 * string; whatever is not goes the slow way, which knows how to complain.
 */
import { type Trace, type TraceAddition, TraceBuilder } from "./trace.ts";

/** `line` counts from 1; `detail` says what is wrong with it and what to do. */
export interface TraceTextError {
  readonly line: number;
  readonly detail: string;
}

export type TraceTextResult =
  | { readonly ok: true; readonly trace: Trace }
  | { readonly ok: false; readonly error: TraceTextError };

const MOST_LINE_BYTES = 1_000;
/** As many digits as are always exact. */
const MOST_EXACT_DIGITS = 15;
const TENS = Float64Array.from({ length: MOST_EXACT_DIGITS + 1 }, (_, power) => 10 ** power);
/** Beyond it milliseconds have no neighbours. */
const LATEST_MS = Number.MAX_SAFE_INTEGER;

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const POINT = 46;
const ZERO = 48;
const NINE = 57;

const isBlank = (byte: number | undefined) => byte === SPACE || byte === TAB || byte === RETURN;

export class TraceText {
  readonly #builder: TraceBuilder;
  /** The beginning of a line whose end has not come yet. */
  #rest = new Uint8Array(0);
  #line = 0;
  #error: TraceTextError | undefined;

  constructor(builder: TraceBuilder = new TraceBuilder()) {
    this.#builder = builder;
  }

  get heartbeatCount(): number {
    return this.#builder.heartbeatCount;
  }

  /** The next piece of the text. False once a line was wrong: nothing that follows matters. */
  push(bytes: Uint8Array): boolean {
    let from = 0;
    while (this.#error === undefined) {
      const end = bytes.indexOf(NEWLINE, from);
      if (end === -1) break;
      if (this.#rest.length === 0) this.#read(bytes, from, end);
      else {
        const line = joined(this.#rest, bytes.subarray(from, end));
        this.#rest = new Uint8Array(0);
        this.#read(line, 0, line.length);
      }
      from = end + 1;
    }
    if (this.#error !== undefined) return false;
    this.#rest = joined(this.#rest, bytes.subarray(from));
    // Without a bound a file that is no text would be taken into memory whole.
    if (this.#rest.length > MOST_LINE_BYTES) this.#read(this.#rest, 0, this.#rest.length);
    return this.#error === undefined;
  }

  end(name: string): TraceTextResult {
    if (this.#error === undefined && this.#rest.length > 0) {
      this.#read(this.#rest, 0, this.#rest.length);
    }
    if (this.#error !== undefined) return { ok: false, error: this.#error };
    return { ok: true, trace: this.#builder.build(name) };
  }

  #read(bytes: Uint8Array, from: number, end: number): void {
    this.#line++;
    if (end - from > MOST_LINE_BYTES) {
      this.#complain(`a line of more than ${MOST_LINE_BYTES} bytes is not part of a trace`);
      return;
    }
    if (!this.#readDigits(bytes, from, end)) this.#readText(bytes.subarray(from, end));
  }

  /** False if the line is not simply `digits digits.digits`; then nothing has happened. */
  #readDigits(bytes: Uint8Array, from: number, end: number): boolean {
    let at = from;
    let sequence = 0;
    while (at < end && bytes[at]! >= ZERO && bytes[at]! <= NINE) {
      sequence = sequence * 10 + (bytes[at++]! - ZERO);
    }
    const sequenceDigits = at - from;
    if (sequenceDigits === 0 || sequenceDigits > MOST_EXACT_DIGITS) return false;
    if (bytes[at] !== SPACE && bytes[at] !== TAB) return false;
    const arrivalFrom = ++at;
    let arrival = 0;
    let pointAt = -1;
    for (; at < end; at++) {
      const byte = bytes[at]!;
      if (byte >= ZERO && byte <= NINE) arrival = arrival * 10 + (byte - ZERO);
      else if (byte === POINT && pointAt === -1) pointAt = at;
      else break;
    }
    const digits = at - arrivalFrom - (pointAt === -1 ? 0 : 1);
    if (digits === 0 || digits > MOST_EXACT_DIGITS || pointAt === arrivalFrom) return false;
    // Two exact numbers, so that the quotient is the one that the text means.
    const arrivalMs = pointAt === -1 ? arrival : arrival / TENS[at - pointAt - 1]!;
    while (at < end && isBlank(bytes[at])) at++;
    if (at < end) return false;
    this.#add(sequence, arrivalMs);
    return true;
  }

  #readText(bytes: Uint8Array): void {
    const text = new TextDecoder().decode(bytes);
    const comment = text.indexOf("#");
    const content = (comment === -1 ? text : text.slice(0, comment)).trim();
    if (content === "") return;
    const fields = content.split(/[\s]+/u);
    const [sequence, arrival] = fields;
    if (fields.length !== 2 || sequence === undefined || arrival === undefined) {
      this.#complain(
        `"${shown(content)}" is not "SEQUENCE ARRIVAL_MS", two numbers with a space between; ` +
          "write # before a comment",
      );
      return;
    }
    if (!/^\d+$/u.test(sequence) || !Number.isSafeInteger(Number(sequence))) {
      this.#complain(
        `the sequence number must be a whole number, 0 to ${Number.MAX_SAFE_INTEGER}, ` +
          `received "${shown(sequence)}"`,
      );
      return;
    }
    const arrivalMs = Number(arrival);
    const isNumber = /^-?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/u.test(arrival);
    if (!isNumber || Math.abs(arrivalMs) > LATEST_MS) {
      this.#complain(
        `the arrival must be a number of milliseconds, no further from 0 than ${LATEST_MS}, ` +
          `received "${shown(arrival)}"`,
      );
      return;
    }
    this.#add(Number(sequence), arrivalMs);
  }

  #add(sequence: number, arrivalMs: number): void {
    const addition: TraceAddition = this.#builder.add(sequence, arrivalMs);
    if (addition === "backwards") {
      this.#complain(
        `arrives at ${arrivalMs} ms, before the line above it (${this.#builder.lastArrivalMs} ms); ` +
          "lines must be in order of arrival: sort them, as with sort -s -k2,2n, or, where the " +
          "clock was set back, replay what is before and after it apart",
      );
    }
    if (addition === "full") {
      const most = this.#builder.heartbeatCount;
      this.#complain(
        `there are more than ${most} heartbeats, which is the most that a trace may have; ` +
          `replay a part of it, as with head -n ${most}`,
      );
    }
  }

  #complain(detail: string): void {
    this.#error ??= { line: this.#line, detail };
  }
}

function joined(before: Uint8Array, after: Uint8Array): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(before.length + after.length);
  whole.set(before);
  whole.set(after, before.length);
  return whole;
}

/** A piece of a file that may be anything, for a terminal. */
function shown(text: string): string {
  const printable = text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}]+/gu, "?");
  return printable.length > 40 ? `${printable.slice(0, 40)}…` : printable;
}
