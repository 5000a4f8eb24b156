/**
 * The two places where a store can be kept: a Worker, or, to measure what that is good for, the thread
 * of the caller. Either way requests go in by `send` and replies come out later, never before `send`
 * has returned.
 */
import { buffersOf } from "./_packed.ts";
import type { StorageReply, StorageRequest } from "./_protocol.ts";
import { StorageService } from "./_service.ts";

/** Where a store is kept. */
export interface StorageThread {
  send(request: StorageRequest): void;
  /** Resolves once it is gone; nothing has to be sent for that after "closed" or "refused". */
  readonly ended: Promise<void>;
}

export type StartThread = (
  onReply: (reply: StorageReply) => void,
  /** It ended, or never began, for another reason than having been closed. */
  onLost: (detail: string) => void,
) => StorageThread;

/**
 * In a compiled binary the Worker is a file of the binary, named as it is below the sources' root
 * (`--root` of the compiler); an address relative to this module would not lead there, since this
 * module is part of a larger file.
 */
const WORKER_URL = Bun.main.startsWith("/$bunfs/")
  ? "/$bunfs/root/bun/raft_storage/worker.js"
  : new URL("./worker.ts", import.meta.url).href;

export const startWorker: StartThread = (onReply, onLost) => {
  const worker = new Worker(WORKER_URL, { name: "raft storage" });
  const { promise: ended, resolve } = Promise.withResolvers<void>();
  worker.addEventListener("message", ({ data }: MessageEvent<StorageReply>) => onReply(data));
  worker.addEventListener("error", ({ message }) => onLost(message));
  worker.addEventListener("close", () => {
    onLost("its thread ended");
    resolve();
  });
  const send = (request: StorageRequest) => {
    worker.postMessage(request, request.kind === "store" ? buffersOf(request.write) : []);
  };
  return { send, ended };
};

export const startInThread: StartThread = (onReply) => {
  const service = new StorageService(onReply);
  return { send: (request) => service.take(request), ended: Promise.resolve() };
};
