/** A thread that runs the slices of seeds that it is sent, and answers each with its tally. */
import { runSlice, type Slice } from "./batch.ts";
import { Tally } from "./tally.ts";

declare const self: Worker;

self.addEventListener("message", ({ data }: MessageEvent<Slice>) => {
  const tally = new Tally();
  runSlice(data, tally, false);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker has none
  self.postMessage(tally.data);
});
