/**
 * The dumb twin of the prober's parser: all of an answer at once, as text, line by line, with regular
 * expressions. It says what a probe has to make of an answer, written down from RFC 9112 and from the
 * bounds that the parser's header promises, and shares no line with it.
 */

const MAX_HEAD_BYTES = 16 * 1024;
const MAX_HEADERS = 100;
const MAX_INTERIM_ANSWERS = 8;
const MAX_CHUNK_LINE_BYTES = 1024;

export interface Question {
  readonly isHead: boolean;
  readonly maxBodyBytes: number;
  readonly statusMatches: (status: number) => boolean;
}

export type Reading =
  | { readonly kind: "answered"; readonly body: string; readonly keepsAlive: boolean }
  | { readonly kind: "refused"; readonly reason: "protocol" | "too_large" | "status" }
  /** More has to come. */
  | { readonly kind: "unfinished" };

/** What `text`, a byte string, comes to; `hasEnded` if the server has closed the connection behind it. */
export function readAnswer(text: string, hasEnded: boolean, question: Question): Reading {
  try {
    return new Answer(text, hasEnded, question).read();
  } catch (stop) {
    if (stop instanceof Stop) return stop.reading;
    throw stop;
  }
}

class Stop extends Error {
  readonly reading: Reading;

  constructor(reading: Reading) {
    super(reading.kind);
    this.reading = reading;
  }
}

const unfinished = () => new Stop({ kind: "unfinished" });
const refused = (reason: "protocol" | "too_large" | "status") =>
  new Stop({ kind: "refused", reason });

interface Head {
  readonly status: number;
  readonly isHttp10: boolean;
  readonly lengths: readonly string[];
  readonly codings: readonly string[];
  readonly connection: readonly string[];
}

class Answer {
  readonly #text: string;
  readonly #hasEnded: boolean;
  readonly #question: Question;
  #at = 0;
  #headBytes = 0;
  #headerCount = 0;

  constructor(text: string, hasEnded: boolean, question: Question) {
    this.#text = text;
    this.#hasEnded = hasEnded;
    this.#question = question;
  }

  read(): Reading {
    for (let interims = 0; ; interims++) {
      const head = this.#readHead();
      if (head.status >= 200) return this.#readFinal(head);
      if (interims === MAX_INTERIM_ANSWERS) throw refused("protocol");
    }
  }

  #readFinal({ status, isHttp10, lengths, codings, connection }: Head): Reading {
    const { isHead, maxBodyBytes, statusMatches } = this.#question;
    const isChunked = codings.length > 0;
    if (isChunked && (lengths.length > 0 || isHttp10)) throw refused("protocol");
    if (!statusMatches(status)) throw refused("status");
    const keeps = !connection.includes("close") && (!isHttp10 || connection.includes("keep-alive"));
    if (isHead || status === 204 || status === 304) return this.#done("", keeps);
    if (isChunked) return this.#done(this.#readChunks(), keeps);
    if (lengths.length > 0) {
      const length = Number(lengths[0]);
      if (length > maxBodyBytes) throw refused("too_large");
      return this.#done(this.#take(length), keeps);
    }
    const body = this.#text.slice(this.#at);
    if (body.length > maxBodyBytes) throw refused("too_large");
    if (!this.#hasEnded) throw unfinished();
    return { kind: "answered", body, keepsAlive: false };
  }

  /** Whatever follows an answer makes its connection useless. */
  #done(body: string, keeps: boolean): Reading {
    const isLast = this.#at === this.#text.length;
    return { kind: "answered", body, keepsAlive: keeps && isLast && !this.#hasEnded };
  }

  #readHead(): Head {
    const first = /^HTTP\/1\.([0-9]) ([0-9]{3})(?: .*)?$/su.exec(this.#headLine());
    const status = Number(first?.[2] ?? 0);
    if (status < 100 || status === 101) throw refused("protocol");
    const [lengths, codings, connection]: string[][] = [[], [], []];
    for (let line = this.#headLine(); line !== ""; line = this.#headLine()) {
      const [name, value] = this.#field(line);
      if (name === "content-length") lengths!.push(value);
      if (name === "transfer-encoding") codings!.push(value.toLowerCase());
      if (name === "connection") connection!.push(...listOf(value));
      const hasBadLength = !lengths!.every((length) => /^[0-9]+$/u.test(length));
      const differs = new Set(lengths!.map(Number)).size > 1;
      const isOddCoding = codings!.length > 1 || codings!.some((coding) => coding !== "chunked");
      if (hasBadLength || differs || isOddCoding) throw refused("protocol");
    }
    return {
      status,
      isHttp10: first![1] === "0",
      lengths: lengths!,
      codings: codings!,
      connection: connection!,
    };
  }

  #readChunks(): string {
    let body = "";
    for (;;) {
      const line = this.#line(MAX_CHUNK_LINE_BYTES);
      const size = /^([0-9a-fA-F]+)[ \t]*(?:;.*)?$/su.exec(line)?.[1];
      if (size === undefined) throw refused("protocol");
      const length = Number.parseInt(size, 16);
      if (body.length + length > this.#question.maxBodyBytes) throw refused("too_large");
      if (length === 0) break;
      body += this.#take(length);
      if (this.#line(MAX_CHUNK_LINE_BYTES) !== "") throw refused("protocol");
    }
    for (let line = this.#headLine(); line !== ""; line = this.#headLine()) this.#field(line);
    return body;
  }

  #field(line: string): [name: string, value: string] {
    this.#headerCount++;
    const field = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):(.*)$/su.exec(line);
    if (field === null || this.#headerCount > MAX_HEADERS) throw refused("protocol");
    return [field[1]!.toLowerCase(), trimmed(field[2]!)];
  }

  #headLine(): string {
    const start = this.#at;
    const line = this.#line(MAX_HEAD_BYTES - this.#headBytes);
    this.#headBytes += this.#at - start;
    return line;
  }

  /** The next line without its end. It and its end are at most so long, however much of it is here. */
  #line(maxBytes: number): string {
    const newline = this.#text.indexOf("\n", this.#at);
    const end = newline < 0 ? this.#text.length : newline + 1;
    if (end - this.#at > maxBytes) throw refused("protocol");
    if (newline < 0) throw unfinished();
    const line = this.#text.slice(this.#at, newline);
    this.#at = end;
    return line.endsWith("\r") ? line.slice(0, -1) : line;
  }

  #take(length: number): string {
    if (this.#text.length - this.#at < length) throw unfinished();
    this.#at += length;
    return this.#text.slice(this.#at - length, this.#at);
  }
}

function trimmed(value: string): string {
  return value.replaceAll(/^[ \t]+|[ \t]+$/gu, "");
}

function listOf(value: string): string[] {
  return value.split(",").map((member) => trimmed(member).toLowerCase());
}
