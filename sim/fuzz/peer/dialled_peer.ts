/**
 * One connection to the attacked monitor's peer port: bare, or with the handshake of a peer that has the
 * secret, after which frames carry the right MACs whatever is in them.
 */
import { connect, type Socket } from "node:net";
import { HOST } from "../monitor_process.ts";
import { bytesOf, textOf } from "../mutation.ts";
import {
  codeOf,
  derive,
  firstFrame,
  frame,
  type FrameKind,
  type HelloFields,
  helloPayload,
  isSame,
} from "./wire.ts";

const GUARD_MS = 10_000;

export class DialledPeer {
  readonly #socket: Socket;
  #received = "";
  #isClosed = false;
  #wake: () => void = () => undefined;
  #key: Buffer | undefined;
  #count = 0;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on("data", (bytes: Uint8Array) => {
      // Acknowledgements go on for ever, and nobody reads them.
      if (this.#key === undefined) this.#received += textOf(bytes);
      this.#wake();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.#isClosed = true;
      this.#wake();
    });
  }

  static async dial(port: number): Promise<DialledPeer> {
    const socket = connect(port, HOST);
    const peer = new DialledPeer(socket);
    await new Promise<void>((resolve) => {
      socket.on("connect", () => resolve());
      socket.on("close", () => resolve());
    });
    return peer;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** The kinds of the frames that came and were not looked at, by their codes. */
  receivedCodes(): readonly number[] {
    const codes: number[] = [];
    let rest = this.#received;
    for (let next = firstFrame(rest); next !== undefined; next = firstFrame(rest)) {
      codes.push(next.charCodeAt(4));
      rest = rest.slice(next.length);
    }
    return codes;
  }

  /** Why it did not work; undefined if the ends know each other now. */
  async shakeHands(secret: string, hello: HelloFields): Promise<string | undefined> {
    const ours = frame(codeOf("hello"), helloPayload(hello));
    this.write(ours);
    const theirs = await this.#nextFrame();
    if (theirs?.charCodeAt(4) !== codeOf("hello"))
      return `no hello: ${theirs?.slice(5) ?? "closed"}`;
    const made = (label: string) => derive(secret, label, ours, theirs);
    this.write(frame(codeOf("proof"), made("proof of the dialler").toString("latin1")));
    const proof = await this.#nextFrame();
    if (proof?.charCodeAt(4) !== codeOf("proof")) return `no proof: ${proof?.slice(5) ?? "closed"}`;
    if (!isSame(proof.slice(5), made("proof of the acceptor"))) return "its proof is not right";
    this.#key = made("key of the dialler");
    return undefined;
  }

  send(kind: FrameKind, payload: string): void {
    this.sendCode(codeOf(kind), payload);
  }

  /** A frame with the right MAC. */
  sendCode(code: number, payload: string): void {
    this.write(frame(code, payload, this.#key, this.#count++));
  }

  /** Any bytes. */
  write(text: string): void {
    if (!this.#isClosed) this.#socket.write(bytesOf(text));
  }

  /** Until what was written has left, so that no more than one of it waits. */
  async flushed(): Promise<void> {
    while (!this.#isClosed && this.#socket.writableLength > 0) {
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
  }

  /** Says that nothing more comes, which by itself makes the other end. */
  sayEnd(): void {
    this.#socket.end();
  }

  /** Waits for the other's end. False if it does not end. */
  async ended(): Promise<boolean> {
    const endMs = performance.now() + GUARD_MS;
    while (!this.#isClosed && performance.now() < endMs) await this.#something(endMs);
    const hasEnded = this.#isClosed;
    this.#socket.destroy();
    return hasEnded;
  }

  destroy(): void {
    this.#socket.destroy();
  }

  async #nextFrame(): Promise<string | undefined> {
    const endMs = performance.now() + GUARD_MS;
    for (;;) {
      const whole = firstFrame(this.#received);
      if (whole !== undefined) {
        this.#received = this.#received.slice(whole.length);
        return whole;
      }
      if (this.#isClosed || performance.now() > endMs) return undefined;
      await this.#something(endMs);
    }
  }

  async #something(endMs: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const guard = setTimeout(resolve, Math.max(0, endMs - performance.now()));
      this.#wake = () => {
        clearTimeout(guard);
        resolve();
      };
    });
  }
}
