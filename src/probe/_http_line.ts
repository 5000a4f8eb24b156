/**
 * A connection to a target, from the dialling on, and whom it serves: an exchange while a question is out
 * on it, nobody while it is kept for the next. A kept line watches itself: a server that ends it, or
 * breaks it, or speaks unasked, has done nothing wrong, but the line is closed and cannot be used again.
 * All else that a question needs belongs to the exchange and is gone with it, so that a kept line is all
 * that a target holds between two questions.
 */
import type { Connection, ConnectionEvents, ConnectionFault, Dial, DialAddress } from "../port.ts";

export class HttpLine implements ConnectionEvents {
  readonly #connection: Connection;
  #user: ConnectionEvents | null;
  #isOpen = true;
  #certificateExpiresWallMs: number | undefined = undefined;

  constructor(dial: Dial, address: DialAddress, user: ConnectionEvents) {
    this.#user = user;
    this.#connection = dial(address, this);
  }

  /** Whether it may be used: nothing has been heard of an end. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Undefined without TLS. */
  get certificateExpiresWallMs(): number | undefined {
    return this.#certificateExpiresWallMs;
  }

  /** From now on whatever happens is told to `user`, or if null ends the line. */
  serve(user: ConnectionEvents | null): void {
    this.#user = user;
  }

  write(bytes: string): void {
    this.#connection.write(bytes);
  }

  /** Frees the socket. Nothing is told afterwards. */
  close(): void {
    this.#isOpen = false;
    this.#user = null;
    this.#connection.close();
  }

  onConnect(): void {
    this.#user?.onConnect();
  }

  onSecure(certificateExpiresWallMs: number | undefined): void {
    this.#certificateExpiresWallMs = certificateExpiresWallMs;
    this.#user?.onSecure(certificateExpiresWallMs);
  }

  onData(bytes: Uint8Array): void {
    if (this.#user === null) this.close();
    else this.#user.onData(bytes);
  }

  onEnd(): void {
    if (this.#user === null) this.close();
    else this.#user.onEnd();
  }

  onFault(fault: ConnectionFault, detail: string, certificateExpiresWallMs?: number): void {
    this.#certificateExpiresWallMs ??= certificateExpiresWallMs;
    if (this.#user === null) this.close();
    else this.#user.onFault(fault, detail);
  }
}
