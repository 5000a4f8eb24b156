/** The Worker that a history's disk has to itself: a program of its own. */
import { serveInWorker } from "../disk_worker.ts";
import type { HistoryReply, HistoryRequest } from "./_protocol.ts";
import { HistoryService } from "./_service.ts";

serveInWorker<HistoryRequest, HistoryReply>(
  (answer) => new HistoryService(answer),
  ({ kind }) => kind === "closed",
);
