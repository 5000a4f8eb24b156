import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { anyWrite } from "../../test/kit/config_store_twin.ts";
import { makeTarget } from "../../test/kit/target.ts";
import { encodeAlertCommand } from "./alert_codec.ts";
import { ClusterMachine } from "./cluster_machine.ts";
import { encodeWrite } from "./config_codec.ts";
import { ConfigMachine } from "./config_machine.ts";
import { anyCommand, open, silence } from "./_test_alert_commands.ts";

const put = (name: string) => encodeWrite({ kind: "put", target: makeTarget({ name }) });

/** A machine with a target and an incident. */
function used(): ClusterMachine {
  const machine = new ClusterMachine();
  machine.apply({ index: 2, data: put("a") });
  machine.apply({ index: 3, data: encodeAlertCommand(open("a")) });
  return machine;
}

describe("ClusterMachine", () => {
  test("restored from a snapshot at any point, goes on with the same state and the same answers", () => {
    const anyData = fc.oneof(anyWrite.map(encodeWrite), anyCommand.map(encodeAlertCommand));
    const anyStep = fc.record({ data: anyData, isRestored: fc.boolean() });
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const original = new ClusterMachine();
        let other = new ClusterMachine();
        let index = 1;
        for (const { data, isRestored } of steps) {
          const command = { index: ++index, data };
          expect(other.apply(command)).toEqual(original.apply(command));
          expect(other.snapshot()).toEqual(original.snapshot());
          if (!isRestored) continue;
          other = new ClusterMachine();
          expect(other.restore(original.snapshot())).toEqual({ ok: true });
          expect(other.alerts.readLocal()).toEqual(original.alerts.readLocal());
        }
      }),
    );
  });

  test("as long as nobody alerts, snapshots are the config's, byte for byte", () => {
    const [machine, config] = [new ClusterMachine(), new ConfigMachine()];
    for (const each of [machine, config]) each.apply({ index: 2, data: put("a") });
    expect(machine.snapshot()).toEqual(config.snapshot());
    // A silence that is gone leaves nothing behind.
    machine.apply({ index: 3, data: encodeAlertCommand(silence("x")) });
    expect(machine.snapshot()).not.toEqual(config.snapshot());
    machine.apply({ index: 4, data: encodeAlertCommand({ kind: "unsilence", id: "x" }) });
    expect(machine.snapshot()).toEqual(config.snapshot());
    expect(new ClusterMachine().restore(config.snapshot())).toEqual({ ok: true });
  });

  test("a version that knows of no alerts passes commands over and refuses snapshots, in so many words", () => {
    const machine = used();
    const old = new ConfigMachine();
    const data = encodeAlertCommand(open("a"));
    expect(old.apply({ index: 2, data })).toEqual({
      ok: false,
      error: "config write unreadable: it is of format version 2, which is not read here",
      isPassedOver: true,
    });
    expect(old.restore(machine.snapshot())).toEqual({
      ok: false,
      error: "config unreadable: it is of format version 2, which is not read here",
    });
  });

  test("passes over what is of a later version, and refuses its snapshots", () => {
    const machine = used();
    const before = machine.snapshot();
    const later = encodeAlertCommand(open("b"));
    later[0] = 4;
    expect(machine.apply({ index: 4, data: later })).toMatchObject({ isPassedOver: true });
    const ahead = machine.snapshot();
    ahead[0] = 4;
    expect(machine.restore(ahead)).toEqual({
      ok: false,
      error: "the snapshot is of format version 4, and at most 3 can be read here",
    });
    expect(machine.snapshot()).toEqual(before);
  });

  test("a target with a model or a budget comes through log and snapshot, beside alerts or not", () => {
    const monitor = {
      model: "calibrated" as const,
      falseAlarmsPerMonth: 1,
      mistakeMaxMillis: 5_000,
    };
    const target = makeTarget({ name: "b", monitor });
    for (const machine of [new ClusterMachine(), used()]) {
      const data = encodeWrite({ kind: "put", target });
      expect(data[0]).toBe(3);
      expect(machine.apply({ index: 5, data })).toMatchObject({ ok: true });
      const restored = new ClusterMachine();
      expect(restored.restore(machine.snapshot())).toEqual({ ok: true });
      expect(restored.config.readLocal().targets.get("b")?.target).toEqual(target);
      expect(restored.snapshot()).toEqual(machine.snapshot());
    }
  });

  test("once such a target is gone, older versions read the snapshots again", () => {
    const machine = new ClusterMachine();
    const target = makeTarget({ name: "b", monitor: { model: "normal" } });
    machine.apply({ index: 2, data: encodeWrite({ kind: "put", target }) });
    expect(machine.snapshot()[0]).toBe(3);
    machine.apply({ index: 3, data: encodeWrite({ kind: "delete", name: "b" }) });
    expect(machine.snapshot()[0]).toBe(1);
  });

  test("a snapshot without alerts takes those that were there away", () => {
    const machine = used();
    let toldCount = 0;
    machine.alerts.subscribe(() => toldCount++);
    machine.restore(new ConfigMachine().snapshot());
    expect(machine.alerts.isUntouched).toBe(true);
    expect(toldCount).toBe(1);
  });

  test("damaged and hostile bytes restore nothing and change nothing", () => {
    const sound = used().snapshot();
    const machine = used();
    const before = machine.snapshot();
    const hostile = fc.oneof(
      fc.uint8Array().map((bytes) => Uint8Array.of(2, ...bytes)),
      fc.nat(sound.length - 1).map((length) => sound.slice(0, length)),
      fc
        .tuple(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 1, max: 255 }))
        .map(([at, mask]) => {
          const bytes = sound.slice();
          bytes[at]! ^= mask;
          return bytes;
        }),
    );
    fc.assert(
      fc.property(hostile, (bytes) => {
        expect(machine.restore(bytes)).toMatchObject({ ok: false });
        expect(machine.snapshot()).toEqual(before);
      }),
    );
  });
});
