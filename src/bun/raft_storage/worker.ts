/**
 * The Worker that a store's disk has to itself. A program of its own to the bundler: `make build` names
 * it beside `main.ts`. It ends by itself once the store is closed; ended from outside in the middle of
 * a call into SQLite it could take the process with it.
 */
import { buffersOf } from "./_packed.ts";
import type { StorageReply, StorageRequest } from "./_protocol.ts";
import { StorageService } from "./_service.ts";

declare const self: Worker;

const service = new StorageService((reply) => {
  self.postMessage(reply, transferred(reply));
  // Without a listener nothing keeps the thread alive.
  if (reply.kind === "closed" || reply.kind === "refused") {
    self.removeEventListener("message", take);
  }
});

self.addEventListener("message", take);

function take({ data }: MessageEvent<StorageRequest>): void {
  service.take(data);
}

/** The large parts of a reply, which nothing here needs any more. */
function transferred(reply: StorageReply): ArrayBuffer[] {
  if (reply.kind === "opened") return buffersOf(reply.store);
  return reply.kind === "snapshot" ? [reply.snapshot.data.buffer] : [];
}
