/**
 * The client's side of HTTP on bare sockets, so that any bytes can be sent: either one request after the other
 * on a connection that is kept, each with its answer, or pieces of anything, with all that comes back until
 * the other side has closed.
 */
import { connect, type Socket } from "node:net";
import { HOST } from "../monitor_process.ts";
import { bytesOf, textOf } from "../mutation.ts";

const GUARD_MS = 15_000;
/** After the last piece has been sent: whoever waits for more has been told that none comes. */
const STREAM_MS = 3_000;

const ABANDON_MS = 50;

export interface Answer {
  readonly status: number;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  /** A byte string. */
  readonly body: string;
}

export class KeptConnection {
  readonly #port: number;
  #socket: Socket | undefined;
  #received: Uint8Array[] = [];
  #hasEnded = false;
  #wake: () => void = () => undefined;

  constructor(port: number) {
    this.#port = port;
  }

  /** Undefined if none came. The request is a byte string. */
  async ask(request: string, isHead: boolean): Promise<Answer | undefined> {
    if (this.#socket === undefined || this.#hasEnded) this.#open();
    this.#received = [];
    this.#socket!.write(bytesOf(request));
    const endMs = performance.now() + GUARD_MS;
    for (;;) {
      const read = readAnswer(Buffer.concat(this.#received), isHead);
      if (read !== undefined) return read;
      if (this.#hasEnded || performance.now() > endMs) break;
      await this.#more(endMs);
    }
    this.close();
    return undefined;
  }

  close(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }

  #open(): void {
    this.close();
    this.#hasEnded = false;
    const socket = connect(this.#port, HOST);
    this.#socket = socket;
    const isCurrent = () => this.#socket === socket;
    socket.on("data", (bytes: Uint8Array) => {
      if (isCurrent()) this.#received.push(bytes);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      if (isCurrent()) this.#hasEnded = true;
      this.#wake();
    });
  }

  async #more(endMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const guard = setTimeout(resolve, endMs - performance.now());
      this.#wake = () => {
        clearTimeout(guard);
        resolve();
      };
    });
  }
}

/** Undefined while it is not whole. */
function readAnswer(bytes: Uint8Array, isHead: boolean): Answer | undefined {
  const text = Buffer.from(bytes).toString("latin1");
  const headEnd = text.indexOf("\r\n\r\n");
  if (headEnd < 0) return undefined;
  const [first = "", ...lines] = text.slice(0, headEnd).split("\r\n");
  const status = Number(/^HTTP\/1\.1 (?<status>\d{3})/u.exec(first)?.groups!["status"] ?? 0);
  if (status === 100) return readAnswer(bytes.subarray(headEnd + 4), isHead);
  const headers = new Map(lines.map(fieldOf));
  const rest = text.slice(headEnd + 4);
  const body = isHead || status === 204 || status === 304 ? "" : bodyOf(rest, headers);
  return body === undefined ? undefined : { status, headers, body };
}

function fieldOf(line: string): [string, string] {
  const colon = line.indexOf(":");
  return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
}

function bodyOf(rest: string, headers: ReadonlyMap<string, string>): string | undefined {
  if (headers.get("transfer-encoding") === "chunked") return unchunked(rest);
  const length = Number(headers.get("content-length") ?? 0);
  return rest.length >= length ? rest.slice(0, length) : undefined;
}

function unchunked(rest: string): string | undefined {
  let body = "";
  for (let at = 0; ;) {
    const lineEnd = rest.indexOf("\r\n", at);
    if (lineEnd < 0) return undefined;
    const size = Number.parseInt(rest.slice(at, lineEnd), 16);
    if (rest.length < lineEnd + 2 + size + 2) return undefined;
    if (size === 0) return body;
    body += rest.slice(lineEnd + 2, lineEnd + 2 + size);
    at = lineEnd + 2 + size + 2;
  }
}

/** All that came back for these pieces, each of them written by itself. */
export async function stream(port: number, pieces: readonly string[]): Promise<string> {
  const socket = connect(port, HOST);
  const received: Uint8Array[] = [];
  socket.on("data", (bytes: Uint8Array) => received.push(bytes));
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  await new Promise<void>((resolve) => {
    socket.on("connect", () => resolve());
    socket.on("close", () => resolve());
  });
  for (const piece of pieces) {
    if (socket.destroyed) break;
    socket.write(bytesOf(piece));
    if (pieces.length > 1) await new Promise<void>((resolve) => setImmediate(resolve));
  }
  socket.end();
  const guard = setTimeout(() => socket.destroy(), STREAM_MS);
  await closed;
  clearTimeout(guard);
  return textOf(Buffer.concat(received));
}

/** Sends it, and breaks the connection as soon as something comes back, or soon. */
export async function abandon(port: number, text: string): Promise<void> {
  const socket = connect(port, HOST);
  socket.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => socket.on("close", () => resolve()));
  socket.write(bytesOf(text));
  socket.on("data", () => socket.resetAndDestroy());
  const guard = setTimeout(() => socket.destroy(), ABANDON_MS);
  await closed;
  clearTimeout(guard);
}

/** Of all answers in what a connection brought, as far as they can be told from what is in them. */
export function statusesIn(received: string): number[] {
  return [...received.matchAll(/HTTP\/1\.1 (?<status>\d{3}) [A-Z]/gu)].map(({ groups }) =>
    Number(groups!["status"]),
  );
}
