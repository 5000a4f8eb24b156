import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import {
  HttpResponseParser,
  type HttpParserOptions,
  MAX_CHUNK_LINE_BYTES,
  MAX_HEAD_BYTES,
  MAX_HEADERS,
  MAX_INTERIM_ANSWERS,
} from "./http_parser.ts";

const OPTIONS: HttpParserOptions = { isHeadRequest: false, keepsBody: true, maxBodyBytes: 1_000 };
const OK = "HTTP/1.1 200 OK\r\n";

function bytesOf(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

/** All that a prober looks at, after the pieces and, if `hasEnded`, the end of the stream. */
function read(pieces: readonly Uint8Array[], hasEnded: boolean, options = OPTIONS) {
  const parser = new HttpResponseParser(options);
  for (const piece of pieces) parser.push(piece);
  return summary(parser, hasEnded);
}

function summary(parser: HttpResponseParser, hasEnded: boolean) {
  if (hasEnded) parser.finish();
  return {
    status: parser.status,
    isHeadDone: parser.isHeadDone,
    isDone: parser.isDone,
    keepsAlive: parser.keepsAlive,
    reason: parser.failure?.reason,
    detail: parser.failure?.detail,
    bodyBytes: parser.failure === null ? parser.bodyBytes : 0,
    body: parser.failure === null ? parser.body() : "",
  };
}

function readText(text: string, options: Partial<HttpParserOptions> = {}) {
  return read([bytesOf(text)], false, { ...OPTIONS, ...options });
}

describe("HttpResponseParser: bodies", () => {
  test("Content-Length", () => {
    const answer = readText(`${OK}Content-Type: text/plain\r\ncontent-LENGTH:  2 \r\n\r\nok`);
    expect(answer).toMatchObject({ status: 200, isDone: true, keepsAlive: true, body: "ok" });
  });

  test("is not done one byte early", () => {
    expect(readText(`${OK}content-length: 3\r\n\r\nok`)).toMatchObject({
      isHeadDone: true,
      isDone: false,
    });
  });

  test("chunked, with extensions, blanks and trailers", () => {
    const body =
      '5\r\nhello\r\n6 ;a="b;c"\r\n world\r\n00A;x\r\n0123456789\r\n0\r\nexpires: never\r\n\r\n';
    const answer = readText(`${OK}Transfer-Encoding: Chunked\r\n\r\n${body}`);
    expect(answer).toMatchObject({ isDone: true, keepsAlive: true, body: "hello world0123456789" });
  });

  test("without length, until the server closes", () => {
    const text = bytesOf(`${OK}\r\nall of it`);
    expect(read([text], false)).toMatchObject({ isDone: false, isHeadDone: true });
    expect(read([text], true)).toMatchObject({
      isDone: true,
      keepsAlive: false,
      body: "all of it",
    });
  });

  test("an end before the announced length is no answer", () => {
    expect(read([bytesOf(`${OK}content-length: 3\r\n\r\nok`)], true).isDone).toBe(false);
    expect(read([bytesOf(`${OK}transfer-encoding: chunked\r\n\r\n2\r\nok\r\n`)], true).isDone).toBe(
      false,
    );
    expect(read([bytesOf(OK)], true).isDone).toBe(false);
  });

  test("HEAD, 204 and 304 have none, whatever the headers say", () => {
    const headers = "content-length: 99999\r\n\r\n";
    expect(readText(OK + headers, { isHeadRequest: true })).toMatchObject({
      isDone: true,
      keepsAlive: true,
    });
    for (const status of [204, 304]) {
      expect(readText(`HTTP/1.1 ${status} x\r\n${headers}`)).toMatchObject({
        isDone: true,
        status,
      });
    }
  });

  test("is counted and not kept where nobody asks for it", () => {
    const answer = readText(`${OK}content-length: 2\r\n\r\nok`, { keepsBody: false });
    expect(answer).toMatchObject({ isDone: true, bodyBytes: 2 });
    expect(answer.body).toBe("");
  });

  test.each([
    ["content-length: 1001\r\n\r\n"],
    ["content-length: 99999999999999999999999999999999\r\n\r\n"],
    ["transfer-encoding: chunked\r\n\r\n3e9\r\n"],
    ["transfer-encoding: chunked\r\n\r\nffffffffffffffffffffffffffffffffffff\r\n"],
    [`transfer-encoding: chunked\r\n\r\n1\r\na\r\n3e8\r\n`],
    [`\r\n${"x".repeat(1_001)}`],
  ])("more than maxBodyBytes is too_large: %j", (rest) => {
    expect(readText(OK + rest)).toMatchObject({
      reason: "too_large",
      status: 200,
      isHeadDone: true,
    });
  });

  test("exactly maxBodyBytes is not", () => {
    expect(readText(`${OK}content-length: 1000\r\n\r\n${"x".repeat(1_000)}`).isDone).toBe(true);
    expect(
      readText(`${OK}transfer-encoding: chunked\r\n\r\n3e8\r\n${"x".repeat(1_000)}\r\n0\r\n\r\n`)
        .isDone,
    ).toBe(true);
  });
});

describe("HttpResponseParser: heads", () => {
  test("interim answers are passed over, and their headers mean nothing", () => {
    const interim = "HTTP/1.1 103 Early Hints\r\ncontent-length: 7\r\nconnection: close\r\n\r\n";
    const answer = readText(
      `${interim}HTTP/1.1 100 Continue\r\n\r\n${OK}content-length: 2\r\n\r\nok`,
    );
    expect(answer).toMatchObject({ status: 200, isDone: true, keepsAlive: true, body: "ok" });
  });

  test("interim answers are bounded", () => {
    const interim = "HTTP/1.1 100 Continue\r\n\r\n";
    const rest = `${OK}content-length: 0\r\n\r\n`;
    expect(readText(interim.repeat(MAX_INTERIM_ANSWERS) + rest).isDone).toBe(true);
    expect(readText(interim.repeat(MAX_INTERIM_ANSWERS + 1) + rest).reason).toBe("protocol");
  });

  test.each([
    ["HTTP/1.1", "", true],
    ["HTTP/1.1", "Connection: close\r\n", false],
    ["HTTP/1.1", "Connection: upgrade , CLOSE\r\n", false],
    ["HTTP/1.1", "Connection: closed\r\n", true],
    ["HTTP/1.1", "Connection: keep-alive\r\nConnection: close\r\n", false],
    ["HTTP/1.0", "", false],
    ["HTTP/1.0", "Connection: Keep-Alive\r\n", true],
    ["HTTP/1.7", "", true],
  ])("%s with %j: kept %p", (version, header, isKept) => {
    const answer = readText(`${version} 200 OK\r\n${header}content-length: 0\r\n\r\n`);
    expect(answer).toMatchObject({ isDone: true, keepsAlive: isKept });
  });

  test("bytes after the answer spoil the connection, not the answer", () => {
    const answer = readText(`${OK}content-length: 2\r\n\r\nokHTTP/1.1`);
    expect(answer).toMatchObject({ isDone: true, body: "ok", keepsAlive: false });
  });

  test.each([
    ["bare LF", "HTTP/1.1 200 OK\nContent-Length: 2\n\nok"],
    ["no reason phrase", "HTTP/1.1 200\r\ncontent-length: 2\r\n\r\nok"],
    ["an empty reason phrase", "HTTP/1.1 200 \r\ncontent-length: 2\r\n\r\nok"],
    ["Content-Length twice, the same", `${OK}content-length: 2\r\nContent-Length: 2\r\n\r\nok`],
    ["an empty header value", `${OK}x:\r\ncontent-length: 2\r\n\r\nok`],
    ["bytes above 127 in a value", `${OK}x: \u00ff\r\ncontent-length: 2\r\n\r\nok`],
  ])("lets %s through", (_, text) => {
    expect(readText(text)).toMatchObject({ status: 200, isDone: true, body: "ok" });
  });

  test.each([
    ["an empty line first", `\r\n${OK}\r\n`],
    ["another protocol", "SSH-2.0-OpenSSH_9.2p1\r\n"],
    ["HTTP/2", "HTTP/2.0 200 OK\r\n\r\n"],
    ["HTTP/0.9", "<html>hello and goodbye\r\n"],
    ["a lower-case version", "http/1.1 200 OK\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 20 OK....\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 2000 OK\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 OK\r\n\r\n"],
    ["101", "HTTP/1.1 101 Switching\r\n\r\n"],
    ["a header without colon", `${OK}content-length\r\n\r\n`],
    ["a header without name", `${OK}: x\r\n\r\n`],
    ["a blank before the colon", `${OK}content-length : 2\r\n\r\n`],
    ["a folded header", `${OK}x: y\r\n z\r\n\r\n`],
    ["a Content-Length that is no number", `${OK}content-length: +2\r\n\r\n`],
    ["an empty Content-Length", `${OK}content-length:\r\n\r\n`],
    ["a list of Content-Lengths", `${OK}content-length: 2, 2\r\n\r\n`],
    ["differing Content-Lengths", `${OK}content-length: 2\r\ncontent-length: 3\r\n\r\n`],
    [
      "Content-Length beside chunked",
      `${OK}content-length: 2\r\ntransfer-encoding: chunked\r\n\r\n`,
    ],
    ["chunked twice", `${OK}transfer-encoding: chunked\r\ntransfer-encoding: chunked\r\n\r\n`],
    ["another coding", `${OK}transfer-encoding: gzip, chunked\r\n\r\n`],
    ["identity", `${OK}transfer-encoding: identity\r\n\r\n`],
    ["chunked in HTTP/1.0", "HTTP/1.0 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"],
    ["a chunk size that is none", `${OK}transfer-encoding: chunked\r\n\r\n0x2\r\nok`],
    ["a negative chunk size", `${OK}transfer-encoding: chunked\r\n\r\n-2\r\nok`],
    ["an empty chunk size", `${OK}transfer-encoding: chunked\r\n\r\n\r\n`],
    ["a chunk size with more behind it", `${OK}transfer-encoding: chunked\r\n\r\n2 3\r\nok`],
    ["a chunk longer than its size", `${OK}transfer-encoding: chunked\r\n\r\n2\r\nokay\r\n`],
    ["a trailer that is none", `${OK}transfer-encoding: chunked\r\n\r\n0\r\nnone\r\n\r\n`],
  ])("refuses %s", (_, text) => {
    expect(readText(text)).toMatchObject({ reason: "protocol", isDone: false, keepsAlive: false });
  });

  test("bounds the number of headers, those of trailers included", () => {
    const headers = "a: b\r\n".repeat(MAX_HEADERS - 1);
    const chunked = `${OK}${headers}transfer-encoding: chunked\r\n\r\n0\r\n`;
    expect(readText(`${chunked}\r\n`).isDone).toBe(true);
    expect(readText(`${chunked}a: b\r\n\r\n`).reason).toBe("protocol");
  });

  test("bounds the bytes of a head, ended or not", () => {
    const padding = MAX_HEAD_BYTES - `${OK}a: \r\n\r\n`.length - "content-length: 0\r\n".length;
    const exact = `${OK}a: ${"x".repeat(padding)}\r\ncontent-length: 0\r\n\r\n`;
    expect(readText(exact).isDone).toBe(true);
    expect(readText(exact.replace("a: ", "a: x")).reason).toBe("protocol");
    expect(readText("x".repeat(MAX_HEAD_BYTES + 1)).reason).toBe("protocol");
  });

  test("bounds a chunk's size line", () => {
    const start = `${OK}transfer-encoding: chunked\r\n\r\n`;
    const line = `1;${"x".repeat(MAX_CHUNK_LINE_BYTES - 4)}\r\n`;
    expect(readText(`${start}${line}a\r\n0\r\n\r\n`).isDone).toBe(true);
    expect(readText(`${start}1;x${line}`).reason).toBe("protocol");
    expect(readText(`${start}${"0".repeat(MAX_CHUNK_LINE_BYTES + 1)}`).reason).toBe("protocol");
  });

  test("the head is known although the body behind it is refused", () => {
    const answer = readText("HTTP/1.1 503 no\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n");
    expect(answer).toMatchObject({ status: 503, isHeadDone: true, reason: "protocol" });
  });
});

const TOKEN = fc.stringMatching(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,12}$/);
const HEADER = fc
  .tuple(TOKEN, fc.stringMatching(/^[ -~]{0,30}$/))
  .filter(([name]) => !/^(content-length|transfer-encoding|connection)$/i.test(name));
const SIZED_BODY = fc.string({
  maxLength: 60,
  unit: fc.integer({ min: 0, max: 127 }).map((code) => String.fromCharCode(code)),
});

/** A lawful answer, and what it says. */
const VALID_ANSWER = fc
  .record({
    status: fc.integer({ min: 200, max: 599 }).filter((status) => status !== 204 && status !== 304),
    headers: fc.array(HEADER, { maxLength: 5 }),
    body: SIZED_BODY,
    framing: fc.constantFrom("length", "chunked", "close"),
    newline: fc.constantFrom("\r\n", "\n"),
    interims: fc.integer({ min: 0, max: 3 }),
    cuts: fc.array(fc.nat(59), { maxLength: 4 }),
  })
  .map((answer) => {
    const { status, headers, body, framing, newline, interims, cuts } = answer;
    const lines = [
      `HTTP/1.1 ${status} reason`,
      ...headers.map(([name, value]) => `${name}: ${value}`),
    ];
    if (framing === "length") lines.push(`Content-Length: ${body.length}`);
    if (framing === "chunked") lines.push("Transfer-Encoding: chunked");
    const head = `${`HTTP/1.1 100 Continue${newline}${newline}`.repeat(interims)}${lines.join(newline)}${newline}${newline}`;
    return {
      text: head + (framing === "chunked" ? chunk(body, cuts, newline) : body),
      status,
      body,
      framing,
    };
  });

function chunk(body: string, cuts: readonly number[], newline: string): string {
  const edges = [...new Set([0, ...cuts.filter((cut) => cut < body.length), body.length])].toSorted(
    (a, b) => a - b,
  );
  const chunks = edges.slice(1).map((end, index) => {
    const part = body.slice(edges[index], end);
    return `${part.length.toString(16)};x=y${newline}${part}${newline}`;
  });
  return `${chunks.join("")}0${newline}trailer: x${newline}${newline}`;
}

/** Answers that real servers send, to be mutated. */
const REAL_ANSWERS = [
  'HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nDate: Mon, 23 Nov 2026 13:00:00 GMT\r\nContent-Type: text/html\r\nContent-Length: 15\r\nLast-Modified: Mon, 23 Nov 2026 12:00:00 GMT\r\nConnection: keep-alive\r\nETag: "65"\r\nAccept-Ranges: bytes\r\n\r\n<html>hi</html>',
  'HTTP/1.1 200 OK\r\nX-Powered-By: Express\r\nTransfer-Encoding: chunked\r\nKeep-Alive: timeout=5\r\n\r\n7\r\n{"a":1}\r\n5;q\r\nhello\r\n0\r\nx: y\r\n\r\n',
  "HTTP/1.0 500 INTERNAL SERVER ERROR\r\nServer: BaseHTTP/0.6 Python/3.11.2\r\nConnection: close\r\n\r\n<p>Error",
  "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\nVary: Origin\r\n\r\n",
].map((text) => bytesOf(text));

const MUTATED_ANSWER = fc
  .tuple(
    fc.constantFrom(...REAL_ANSWERS),
    fc.array(
      fc.record({
        at: fc.nat(400),
        take: fc.nat(3),
        put: fc.array(fc.oneof(fc.nat(255), fc.constantFrom(10, 13, 32, 58, 48)), { maxLength: 3 }),
      }),
      { maxLength: 4 },
    ),
  )
  .map(([answer, edits]) => {
    const bytes = [...answer];
    for (const { at, take, put } of edits) bytes.splice(at % bytes.length, take, ...put);
    return Uint8Array.from(bytes);
  });
const HOSTILE = fc.oneof(MUTATED_ANSWER, fc.uint8Array({ maxLength: 300 }));

function cutAt(bytes: Uint8Array, cuts: readonly number[]): Uint8Array[] {
  const edges = [0, ...cuts.map((cut) => cut % (bytes.length + 1)), bytes.length].toSorted(
    (a, b) => a - b,
  );
  return edges.slice(1).map((end, index) => bytes.slice(edges[index], end));
}

describe("HttpResponseParser: properties", () => {
  test("reads what was written, for any lawful answer", () => {
    fc.assert(
      fc.property(VALID_ANSWER, ({ text, status, body, framing }) => {
        const answer = read([bytesOf(text)], framing === "close");
        expect(answer).toMatchObject({
          status,
          body,
          isDone: true,
          keepsAlive: framing !== "close",
        });
      }),
      { numRuns: 400 },
    );
  });

  test("any cut into pieces gives the same, lawful or hostile", () => {
    const bytes = fc.oneof(
      VALID_ANSWER.map(({ text }) => bytesOf(text)),
      HOSTILE,
    );
    const cuts = fc.array(fc.nat(500), { maxLength: 12 });
    fc.assert(
      fc.property(
        bytes,
        cuts,
        fc.boolean(),
        fc.integer({ min: 5, max: 50 }),
        (text, at, hasEnded, maxBodyBytes) => {
          const options = { ...OPTIONS, maxBodyBytes };
          const whole = read([text], hasEnded, options);
          expect(read(cutAt(text, at), hasEnded, options)).toEqual(whole);
          const single = Array.from(text, (byte) => Uint8Array.of(byte));
          expect(read(single, hasEnded, options)).toEqual(whole);
        },
      ),
      { numRuns: 600 },
    );
  });

  test("hostile bytes never throw, and are done, refused or waited for", () => {
    fc.assert(
      fc.property(HOSTILE, fc.boolean(), (bytes, isHeadRequest) => {
        const answer = read([bytes], false, { ...OPTIONS, isHeadRequest });
        expect(answer.isDone && answer.reason !== undefined).toBe(false);
        expect(answer.bodyBytes).toBeLessThanOrEqual(OPTIONS.maxBodyBytes);
      }),
      { numRuns: 3_000 },
    );
  });

  test("an endless stream of any bytes is refused after a bounded number of them", () => {
    const boundBytes = MAX_HEAD_BYTES + OPTIONS.maxBodyBytes * (MAX_CHUNK_LINE_BYTES + 2);
    fc.assert(
      fc.property(
        fc.constantFrom("", OK, `${OK}\r\n`, `${OK}transfer-encoding: chunked\r\n\r\n`),
        fc.uint8Array({ minLength: 1, maxLength: 40 }),
        (start, piece) => {
          const parser = new HttpResponseParser(OPTIONS);
          parser.push(bytesOf(start));
          let pushedBytes = 0;
          while (parser.failure === null && !parser.isDone && pushedBytes <= boundBytes) {
            parser.push(piece);
            pushedBytes += piece.length;
          }
          expect(pushedBytes).toBeLessThanOrEqual(boundBytes);
        },
      ),
      { numRuns: 200 },
    );
  });
});
