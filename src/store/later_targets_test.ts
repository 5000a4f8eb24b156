import { describe, expect, test } from "bun:test";
import { TestStores } from "../../test/kit/test_stores.ts";
import { makeTarget } from "../../test/kit/target.ts";
import type { Target } from "../config/mod.ts";
import { ClusterMachine } from "./cluster_machine.ts";
import { encodeWrite, isLaterWrite } from "./config_codec.ts";
import { encodeAlertCommand } from "./alert_codec.ts";
import { open } from "./_test_alert_commands.ts";

const plain = makeTarget({ name: "plain" });
const later = makeTarget({ name: "later", monitor: { downVotes: 3 } });

describe("a target that says what older versions of phi have no field for", () => {
  test("is written under a later format version, and alone is", () => {
    expect(isLaterWrite({ kind: "put", target: plain })).toBe(false);
    expect(encodeWrite({ kind: "put", target: plain })[0]).toBe(1);
    expect(isLaterWrite({ kind: "put", target: later })).toBe(true);
    expect(encodeWrite({ kind: "put", target: later })[0]).toBe(3);
    expect(encodeWrite({ kind: "replace", targets: [plain, later] })[0]).toBe(3);
    expect(encodeWrite({ kind: "delete", name: "later" })[0]).toBe(1);
  });

  test("comes out of commands and snapshots as it was, beside alerts too; gone, the snapshot is as before", () => {
    const machine = new ClusterMachine();
    machine.apply({ index: 2, data: encodeWrite({ kind: "put", target: plain }) });
    expect(machine.snapshot()[0]).toBe(1);
    machine.apply({ index: 3, data: encodeWrite({ kind: "put", target: later }) });
    expect(machine.snapshot()[0]).toBe(3);
    const alone = new ClusterMachine();
    expect(alone.restore(machine.snapshot())).toEqual({ ok: true });
    expect(alone.config.readLocal()).toEqual(machine.config.readLocal());
    machine.apply({ index: 4, data: encodeAlertCommand(open("a")) });
    expect(machine.snapshot()[0]).toBe(2);
    const beside = new ClusterMachine();
    expect(beside.restore(machine.snapshot())).toEqual({ ok: true });
    expect(beside.config.readLocal().targets.get("later")?.target).toEqual(later);
    alone.apply({ index: 4, data: encodeWrite({ kind: "delete", name: "later" }) });
    expect(alone.snapshot()[0]).toBe(1);
  });

  test("is not written while a member may be of an older version; all else is", async () => {
    let older: readonly string[] = ["c"];
    let askedCount = 0;
    const olderMembers = () => {
      askedCount++;
      return older;
    };
    const cluster = new TestStores(["a", "b", "c"], { store: { olderMembers } });
    cluster.elect();
    const { store } = cluster.leader!;
    const put = async (target: Target) => (await cluster.within(2_000, store.put(target))).value;
    expect(await put(plain)).toMatchObject({ ok: true });
    expect(askedCount).toBe(0);
    expect(await put(later)).toMatchObject({ ok: false, reason: "unavailable", outcome: "failed" });
    expect(askedCount).toBe(1);
    older = [];
    expect(await put(later)).toMatchObject({ ok: true });
  });
});
