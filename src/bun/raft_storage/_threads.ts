/**
 * The two places where a store can be kept: a Worker, or, to measure what that is good for, the thread
 * of the caller. Either way requests go in by `send` and replies come out later, never before `send`
 * has returned.
 */
import { diskWorker, inThread, type StartDiskThread } from "../disk_worker.ts";
import type { StorageReply, StorageRequest } from "./_protocol.ts";
import { StorageService } from "./_service.ts";

export type StartThread = StartDiskThread<StorageRequest, StorageReply>;

export const startWorker: StartThread = diskWorker("raft_storage");

export const startInThread: StartThread = inThread((answer) => new StorageService(answer));
