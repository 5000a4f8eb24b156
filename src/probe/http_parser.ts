/**
 * An HTTP/1 answer, read piece by piece (RFC 9112). In go bytes, cut wherever the network cut them;
 * out comes state: the status, whether the answer is complete, whether the connection may be used
 * again, or why the answer is refused. How the bytes were cut never changes what comes out. The
 * parser works on the bytes themselves, line by line; a line that is cut is carried over in a small
 * buffer, and a whole answer in one piece, which is the common case, is never copied.
 *
 * The other side may be hostile. Everything is bounded: all heads of one answer together by
 * MAX_HEAD_BYTES and MAX_HEADERS, interim (1xx) answers by MAX_INTERIM_ANSWERS, a chunk's size line by
 * MAX_CHUNK_LINE_BYTES, the body by `maxBodyBytes`. Refused are: a first line that is not HTTP/1,
 * folded headers, blanks before a colon, differing or listed Content-Lengths, Content-Length beside
 * Transfer-Encoding, a coding other than `chunked`, any coding in HTTP/1.0, 101. Let through are: a
 * bare LF as the end of a line (RFC 9112 §2.2 permits it), a missing reason phrase, the same
 * Content-Length twice, blanks after a chunk's size.
 */
import {
  equalsIgnoringCase,
  hexDigit,
  IS_TOKEN_BYTE,
  isBlank,
  LF,
  listHas,
  parseDecimal,
  skipBlanks,
  skipBlanksBackwards,
  startsWith,
  withoutCarriageReturn,
} from "./_http_bytes.ts";

export const MAX_HEAD_BYTES = 16 * 1024;
export const MAX_HEADERS = 100;
export const MAX_INTERIM_ANSWERS = 8;
export const MAX_CHUNK_LINE_BYTES = 1024;

export interface HttpParserOptions {
  /** The request was a HEAD: its answer has no body, whatever the headers say. */
  readonly isHeadRequest: boolean;
  /** Whether `body()` will be asked for. If not, the body is only counted. */
  readonly keepsBody: boolean;
  /** A body of more is `too_large`, kept or not. */
  readonly maxBodyBytes: number;
}

export interface HttpParserFailure {
  readonly reason: "protocol" | "too_large";
  readonly detail: string;
}

const STATUS_LINE = 0;
const HEADER = 1;
const FIXED_BODY = 2;
const BODY_UNTIL_CLOSE = 3;
const CHUNK_SIZE = 4;
const CHUNK_DATA = 5;
const CHUNK_END = 6;
const TRAILER = 7;
const DONE = 8;
const FAILED = 9;

const COLON = 0x3a;
const SEMICOLON = 0x3b;
const EMPTY = new Uint8Array(0);

export class HttpResponseParser {
  readonly #options: HttpParserOptions;
  #phase = STATUS_LINE;
  #status = 0;
  #isHttp10 = false;
  #isHeadDone = false;
  /** -1 while no Content-Length was seen. */
  #contentLength = -1;
  #isChunked = false;
  #saysClose = false;
  #saysKeepAlive = false;
  #keepsAlive = false;
  #headBytes = 0;
  #headerCount = 0;
  #interimCount = 0;
  /** Of the fixed body, or of the chunk, still to come. */
  #remainingBytes = 0;
  #bodyBytes = 0;
  /** Invariant: the beginning of a line, `#carriedBytes` long, that a cut went through. */
  #carried = EMPTY;
  #carriedBytes = 0;
  #body = EMPTY;
  #failure: HttpParserFailure | null = null;

  constructor(options: HttpParserOptions) {
    this.#options = options;
  }

  /** 0 until a status line was read. Final once `isHeadDone`. */
  get status(): number {
    return this.#status;
  }

  /** Whether the head of the final answer is complete, and lawful. The body may still fail. */
  get isHeadDone(): boolean {
    return this.#isHeadDone;
  }

  get isDone(): boolean {
    return this.#phase === DONE;
  }

  /** Whether the connection can carry another request; known once `isDone`. */
  get keepsAlive(): boolean {
    return this.#keepsAlive && this.#phase === DONE;
  }

  /** Bytes of body that have arrived, chunk framing not counted. */
  get bodyBytes(): number {
    return this.#bodyBytes;
  }

  /** Why the answer is refused; null while it is not. */
  get failure(): HttpParserFailure | null {
    return this.#failure;
  }

  /** The body, as UTF-8; empty unless `keepsBody`. */
  body(): string {
    return new TextDecoder().decode(this.#body.subarray(0, this.#bodyBytes));
  }

  /** Takes the next bytes. They are not held on to. After a failure they are ignored. */
  push(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      switch (this.#phase) {
        case FIXED_BODY:
        case CHUNK_DATA:
        case BODY_UNTIL_CLOSE:
          at = this.#takeBody(bytes, at);
          break;
        case DONE:
          // Whatever this is, nobody asked for it, and what follows on this connection is not ours.
          this.#keepsAlive = false;
          return;
        case FAILED:
          return;
        default:
          at = this.#takeLine(bytes, at);
      }
    }
  }

  /** The peer has finished sending. True if that completes the answer, or it was complete. */
  finish(): boolean {
    if (this.#phase === BODY_UNTIL_CLOSE) this.#phase = DONE;
    this.#keepsAlive = false;
    return this.#phase === DONE;
  }

  #takeLine(bytes: Uint8Array, start: number): number {
    const newline = bytes.indexOf(LF, start);
    const end = newline < 0 ? bytes.length : newline + 1;
    if (!this.#mayGrowLine(end - start)) return bytes.length;
    if (newline < 0 || this.#carriedBytes > 0) this.#carry(bytes, start, end);
    if (newline < 0) return end;
    this.#countLine(this.#carriedBytes > 0 ? this.#carriedBytes : end - start);
    if (this.#carriedBytes === 0) {
      this.#readLine(bytes, start, withoutCarriageReturn(bytes, start, newline));
    } else {
      const lastByte = this.#carriedBytes - 1;
      this.#carriedBytes = 0;
      this.#readLine(this.#carried, 0, withoutCarriageReturn(this.#carried, 0, lastByte));
    }
    return end;
  }

  /** Whether the line may have so many bytes more, its end included; fails if not. */
  #mayGrowLine(byteCount: number): boolean {
    const lineBytes = this.#carriedBytes + byteCount;
    if (this.#phase === CHUNK_SIZE || this.#phase === CHUNK_END) {
      if (lineBytes <= MAX_CHUNK_LINE_BYTES) return true;
      this.#fail("protocol", `a chunk's size line is longer than ${MAX_CHUNK_LINE_BYTES} bytes`);
    } else {
      if (this.#headBytes + lineBytes <= MAX_HEAD_BYTES) return true;
      this.#fail("protocol", `the headers are longer than ${MAX_HEAD_BYTES} bytes`);
    }
    return false;
  }

  #countLine(lineBytes: number): void {
    if (this.#phase !== CHUNK_SIZE && this.#phase !== CHUNK_END) this.#headBytes += lineBytes;
  }

  #carry(bytes: Uint8Array, start: number, end: number): void {
    const neededBytes = this.#carriedBytes + (end - start);
    this.#carried = grown(this.#carried, this.#carriedBytes, neededBytes, MAX_HEAD_BYTES);
    this.#carried.set(bytes.subarray(start, end), this.#carriedBytes);
    this.#carriedBytes = neededBytes;
  }

  /** The line is the range, without its CR LF. */
  #readLine(bytes: Uint8Array, start: number, end: number): void {
    switch (this.#phase) {
      case STATUS_LINE:
        this.#readStatusLine(bytes, start, end);
        break;
      case HEADER:
        if (start === end) this.#endHead();
        else this.#readHeader(bytes, start, end);
        break;
      case CHUNK_SIZE:
        this.#readChunkSize(bytes, start, end);
        break;
      case CHUNK_END:
        if (start === end) this.#phase = CHUNK_SIZE;
        else this.#fail("protocol", "a chunk is longer than its size says");
        break;
      case TRAILER:
        if (start === end) this.#phase = DONE;
        else this.#readTrailer(bytes, start, end);
        break;
    }
  }

  /** `HTTP/1.x SP 3DIGIT [SP reason]`. */
  #readStatusLine(bytes: Uint8Array, start: number, end: number): void {
    const minor = bytes[start + 7]! - 0x30;
    const isHttp1 =
      end - start >= 12 &&
      startsWith(bytes, start, "HTTP/1.") &&
      minor >= 0 &&
      minor <= 9 &&
      bytes[start + 8] === 0x20;
    if (!isHttp1) return this.#fail("protocol", "the first line is not an HTTP/1 status line");
    const status = parseDecimal(bytes, start + 9, start + 12);
    if (status < 100 || (end - start > 12 && bytes[start + 12] !== 0x20)) {
      return this.#fail("protocol", "the status line has no status of three digits");
    }
    if (status === 101) return this.#fail("protocol", "status 101 to a request without upgrade");
    this.#status = status;
    this.#isHttp10 = minor === 0;
    this.#phase = HEADER;
  }

  #readHeader(bytes: Uint8Array, start: number, end: number): void {
    const colon = this.#readFieldName(bytes, start, end);
    if (colon < 0) return;
    const nameBytes = colon - start;
    // Only three names matter, and their lengths differ.
    if (nameBytes !== 14 && nameBytes !== 17 && nameBytes !== 10) return;
    const from = skipBlanks(bytes, colon + 1, end);
    const to = skipBlanksBackwards(bytes, from, end);
    if (equalsIgnoringCase(bytes, start, colon, "content-length")) {
      this.#readContentLength(parseDecimal(bytes, from, to));
    } else if (equalsIgnoringCase(bytes, start, colon, "transfer-encoding")) {
      if (this.#isChunked || !equalsIgnoringCase(bytes, from, to, "chunked")) {
        return this.#fail("protocol", "a Transfer-Encoding other than chunked");
      }
      this.#isChunked = true;
    } else if (equalsIgnoringCase(bytes, start, colon, "connection")) {
      this.#saysClose ||= listHas(bytes, from, to, "close");
      this.#saysKeepAlive ||= listHas(bytes, from, to, "keep-alive");
    }
  }

  /** Where the colon stands; -1, and a failure, if the line does not begin with a name. */
  #readFieldName(bytes: Uint8Array, start: number, end: number): number {
    if (++this.#headerCount > MAX_HEADERS) {
      this.#fail("protocol", `more than ${MAX_HEADERS} headers`);
      return -1;
    }
    let at = start;
    while (at < end && IS_TOKEN_BYTE[bytes[at]!] === 1) at++;
    if (at > start && at < end && bytes[at] === COLON) return at;
    this.#fail("protocol", "a header line does not begin with a name and a colon");
    return -1;
  }

  #readContentLength(value: number): void {
    if (value < 0) return this.#fail("protocol", "the Content-Length is not a number");
    if (this.#contentLength >= 0 && this.#contentLength !== value) {
      return this.#fail("protocol", "two Content-Lengths that differ");
    }
    this.#contentLength = value;
  }

  #endHead(): void {
    if (this.#status < 200) return this.#endInterim();
    if (this.#isChunked && this.#contentLength >= 0) {
      return this.#fail("protocol", "both a Content-Length and a Transfer-Encoding");
    }
    if (this.#isChunked && this.#isHttp10) {
      return this.#fail("protocol", "a Transfer-Encoding in HTTP/1.0");
    }
    this.#isHeadDone = true;
    this.#keepsAlive = !this.#saysClose && (!this.#isHttp10 || this.#saysKeepAlive);
    if (this.#options.isHeadRequest || this.#status === 204 || this.#status === 304) {
      this.#phase = DONE;
    } else if (this.#isChunked) {
      this.#phase = CHUNK_SIZE;
    } else if (this.#contentLength < 0) {
      this.#phase = BODY_UNTIL_CLOSE;
      this.#keepsAlive = false;
    } else {
      this.#phase = this.#contentLength === 0 ? DONE : FIXED_BODY;
      this.#remainingBytes = this.#contentLength;
      this.#mayGrowBody(this.#contentLength);
    }
  }

  #endInterim(): void {
    if (++this.#interimCount > MAX_INTERIM_ANSWERS) {
      return this.#fail("protocol", `more than ${MAX_INTERIM_ANSWERS} interim answers`);
    }
    this.#status = 0;
    this.#resetHead();
    this.#phase = STATUS_LINE;
  }

  #resetHead(): void {
    this.#contentLength = -1;
    this.#isChunked = false;
    this.#saysClose = false;
    this.#saysKeepAlive = false;
  }

  /** `1*HEXDIG [BWS] [; extension]`. Extensions mean nothing to us. */
  #readChunkSize(bytes: Uint8Array, start: number, end: number): void {
    let size = 0;
    let at = start;
    for (; at < end; at++) {
      const digit = hexDigit(bytes[at]!);
      if (digit < 0) break;
      size = size * 16 + digit;
    }
    const hasEnded = at === end || bytes[at] === SEMICOLON || isBlank(bytes[at]!);
    const next = skipBlanks(bytes, at, end);
    if (at === start || !hasEnded || (next < end && bytes[next] !== SEMICOLON)) {
      return this.#fail("protocol", "a chunk's size is not a hexadecimal number");
    }
    if (!this.#mayGrowBody(size)) return;
    this.#remainingBytes = size;
    this.#phase = size === 0 ? TRAILER : CHUNK_DATA;
  }

  #readTrailer(bytes: Uint8Array, start: number, end: number): void {
    this.#readFieldName(bytes, start, end);
  }

  #takeBody(bytes: Uint8Array, start: number): number {
    const availableBytes = bytes.length - start;
    const isFramed = this.#phase !== BODY_UNTIL_CLOSE;
    const takenBytes = isFramed ? Math.min(this.#remainingBytes, availableBytes) : availableBytes;
    if (!isFramed && !this.#mayGrowBody(takenBytes)) return bytes.length;
    const end = start + takenBytes;
    if (this.#options.keepsBody) {
      const neededBytes = this.#bodyBytes + takenBytes;
      const most = this.#options.maxBodyBytes;
      this.#body = grown(this.#body, this.#bodyBytes, neededBytes, most);
      this.#body.set(bytes.subarray(start, end), this.#bodyBytes);
    }
    this.#bodyBytes += takenBytes;
    if (!isFramed) return end;
    this.#remainingBytes -= takenBytes;
    if (this.#remainingBytes === 0) this.#phase = this.#phase === CHUNK_DATA ? CHUNK_END : DONE;
    return end;
  }

  /** Whether the body may have so many bytes more; fails if not. */
  #mayGrowBody(byteCount: number): boolean {
    if (this.#bodyBytes + byteCount <= this.#options.maxBodyBytes) return true;
    this.#fail("too_large", `the body is longer than ${this.#options.maxBodyBytes} bytes`);
    return false;
  }

  #fail(reason: HttpParserFailure["reason"], detail: string): void {
    this.#phase = FAILED;
    this.#keepsAlive = false;
    this.#carried = EMPTY;
    this.#carriedBytes = 0;
    this.#body = EMPTY;
    this.#failure = { reason, detail };
  }
}

/** A buffer with room for `neededBytes`, twice as large each time so that growing stays linear. */
function grown(
  buffer: Uint8Array<ArrayBuffer>,
  usedBytes: number,
  neededBytes: number,
  mostBytes: number,
): Uint8Array<ArrayBuffer> {
  if (neededBytes <= buffer.length) return buffer;
  const roomy = Math.max(neededBytes, Math.min(buffer.length * 2, mostBytes), 64);
  const larger = new Uint8Array(roomy);
  larger.set(buffer.subarray(0, usedBytes));
  return larger;
}
