import { describe, expect, test } from "bun:test";
import { TestStores } from "../../test/kit/test_stores.ts";
import { makeTarget } from "../../test/kit/target.ts";
import type { Target } from "../config/mod.ts";
import { ClusterMachine } from "./cluster_machine.ts";
import { encodeWrite, versionOfWrite } from "./config_codec.ts";
import { encodeAlertCommand } from "./alert_codec.ts";
import { open } from "./_test_alert_commands.ts";

const plain = makeTarget({ name: "plain" });
const later = makeTarget({ name: "later", monitor: { downVotes: 3 } });

describe("a target that says what older versions of phi have no field for", () => {
  test("is written under a later format version, and alone is", () => {
    expect(versionOfWrite({ kind: "put", target: plain })).toBe(1);
    expect(versionOfWrite({ kind: "put", target: later })).toBe(3);
    expect(versionOfWrite({ kind: "replace", targets: [plain, later] })).toBe(3);
    expect(versionOfWrite({ kind: "delete", name: "later" })).toBe(1);
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
    const asked: number[] = [];
    const membersBelow = (version: number) => {
      asked.push(version);
      return older;
    };
    const cluster = new TestStores(["a", "b", "c"], { store: { membersBelow } });
    cluster.elect();
    const { store } = cluster.leader!;
    const put = async (target: Target) => (await cluster.within(2_000, store.put(target))).value;
    expect(await put(plain)).toMatchObject({ ok: true });
    expect(asked).toEqual([]);
    expect(await put(later)).toEqual({
      ok: false,
      reason: "unavailable",
      outcome: "failed",
      detail:
        "c may run a version of phi that does not know all settings of this target; upgrade all monitors first",
    });
    expect(asked).toEqual([3]);
    older = [];
    expect(await put(later)).toMatchObject({ ok: true });
  });
});
