import { expect, test } from "bun:test";
import type { MonitorGrants } from "./assemble.ts";
import { runMonitor } from "./monitor.ts";
import type { MonitorArguments } from "./monitor_flags.ts";

const FLAGS: MonitorArguments = {
  httpBind: { host: "127.0.0.1", port: 8_000 },
  raftBind: { host: "127.0.0.1", port: 7_000 },
  datadir: ":memory:",
  historyDays: 0,
  historyMaxBytes: 0,
  config: "servers.yml",
};

test("runMonitor() hears SIGHUP before it reads anything, so that a reload never ends one that starts", async () => {
  const calls: string[] = [];
  const reading = Promise.withResolvers<void>();
  const grants = {
    onHangup: () => void calls.push("onHangup"),
    // A file on a disk that does not answer.
    readBytes: () => {
      calls.push("readBytes");
      reading.resolve();
      return new Promise(() => {});
    },
    shutdownRequested: () => new Promise(() => {}),
  } as unknown as MonitorGrants;
  void runMonitor(FLAGS, grants);
  await reading.promise;
  expect(calls).toEqual(["onHangup", "readBytes"]);
});
