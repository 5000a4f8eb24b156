import { describeLogStorage } from "../../test/kit/log_storage_suite.ts";
import { MemoryLog } from "./memory_log_storage.ts";

describeLogStorage("MemoryLog", async (firstSnapshot) => {
  const log = new MemoryLog(firstSnapshot === undefined ? {} : { firstSnapshot });
  return {
    open: async () => log.open(),
    close: async () => {},
    discard: async () => {},
  };
});
