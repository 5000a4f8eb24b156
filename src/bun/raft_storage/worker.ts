/** The Worker that a store's disk has to itself: a program of its own. */
import { serveInWorker } from "../disk_worker.ts";
import { buffersOf } from "./_packed.ts";
import type { StorageReply, StorageRequest } from "./_protocol.ts";
import { StorageService } from "./_service.ts";

serveInWorker<StorageRequest, StorageReply>(
  (answer) => new StorageService(answer),
  ({ kind }) => kind === "closed" || kind === "refused",
  (reply) => {
    if (reply.kind === "opened") return buffersOf(reply.store);
    return reply.kind === "snapshot" ? [reply.snapshot.data.buffer] : [];
  },
);
