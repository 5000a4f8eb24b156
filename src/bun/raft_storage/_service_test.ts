import { expect, test } from "bun:test";
import { commandEntry } from "../../../test/kit/log_storage_suite.ts";
import type { LogWrite } from "../../raft/mod.ts";
import { packSnapshot, packWrite } from "./_packed.ts";
import type { StorageReply } from "./_protocol.ts";
import { StorageService } from "./_service.ts";
import { FIRST, temporaryDirectory } from "./_test_store.ts";

/** Resolves once all that was asked of a service is answered. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** A service with an open store. */
async function openService(directory: string) {
  const replies: StorageReply["kind"][] = [];
  const service = new StorageService(({ kind }) => {
    // When it is told does not matter here.
    if (kind !== "space") replies.push(kind);
  });
  const firstSnapshot = packSnapshot(FIRST);
  service.take({ kind: "open", options: { directory, id: "a", clusterId: "c", firstSnapshot } });
  await settled();
  const store = (write: LogWrite) => service.take({ kind: "store", write: packWrite(write) });
  const close = async () => {
    service.take({ kind: "close" });
    await settled();
  };
  return { service, replies, store, close };
}

test("requests are answered in their order, and the writes between two others together", async () => {
  using directory = temporaryDirectory();
  const { service, replies, store, close } = await openService(directory.path);
  store({ entries: [commandEntry(2, 1)] });
  store({ entries: [commandEntry(3, 1)] });
  service.take({ kind: "readSnapshot" });
  store({ entries: [commandEntry(4, 1)] });
  await settled();
  await close();
  expect(replies).toEqual(["opened", "stored", "snapshot", "stored", "closed"]);
});

test("a write that was already under way when another failed is not tried", async () => {
  using directory = temporaryDirectory();
  const { replies, store, close } = await openService(directory.path);
  store({ entries: [commandEntry(9, 1)] });
  await settled();
  store({ entries: [commandEntry(2, 1)] });
  await settled();
  await close();
  expect(replies).toEqual(["opened", "failed", "closed"]);
});
