/** Finds out whether a monitor with the cluster's credentials and a given id is at an address. */
import type { NodeId } from "../raft/mod.ts";
import type { Channel } from "./channel.ts";
import { dialPeer, type PeerContext } from "./dialler.ts";
import type { AdmitAddresses } from "./peer_sockets.ts";

export type VerifyResult = { readonly ok: true } | { readonly ok: false; readonly detail: string };

export class Verification {
  readonly result: Promise<VerifyResult>;
  readonly #resolve: (result: VerifyResult) => void;
  readonly #channel: Channel | undefined;

  constructor(context: PeerContext, peer: NodeId, address: string, admit: AdmitAddresses) {
    const { promise, resolve } = Promise.withResolvers<VerifyResult>();
    this.result = promise;
    this.#resolve = resolve;
    this.#channel = dialPeer(
      context,
      { peer, address, purpose: "verify", admit },
      {
        onReady: () => {
          this.#channel?.destroy();
          resolve({ ok: true });
        },
        onFrame: () => undefined,
        onDrain: () => undefined,
        onClosed: ({ detail }) => resolve({ ok: false, detail: `${address}: ${detail}` }),
      },
    );
    if (this.#channel !== undefined) return;
    resolve({ ok: false, detail: `${address} is not an address, which is HOST:PORT` });
  }

  tick(elapsedMs: number): void {
    this.#channel?.tick(elapsedMs);
  }

  abandon(): void {
    this.#channel?.destroy();
    this.#resolve({ ok: false, detail: "this monitor is being stopped" });
  }
}
