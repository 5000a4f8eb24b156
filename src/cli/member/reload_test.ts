import { expect, test } from "bun:test";
import type { Logger } from "@logtape/logtape";
import { makeTarget } from "../../../test/kit/target.ts";
import { type AlertsConfig, decodeAlertsText } from "../../config/mod.ts";
import { type ConfigStore, MemoryConfigStore } from "../../store/mod.ts";
import { reload, reloadAlerts, reloading } from "./reload.ts";

/** As much of a logger as is called. */
function listen(): { readonly log: Logger; readonly lines: string[] } {
  const lines: string[] = [];
  const write = (line: string, properties: Record<string, unknown>) =>
    lines.push(line.replace(/\{(\w+)\}/gu, (_, name: string) => String(properties[name])));
  return { log: { info: write, error: write } as unknown as Logger, lines };
}

const file = (...names: string[]) =>
  Promise.resolve({
    ok: true as const,
    targets: names.map((name) => makeTarget({ name, intervalMillis: 2_000 })),
  });

/** Alerts that tell one receiver. */
function alertsFor(name: string): AlertsConfig {
  const receivers = [{ name, webhook: "http://127.0.0.1:1/", secretFile: "/secret" }];
  const decoded = decodeAlertsText(JSON.stringify({ receivers }), undefined, "json");
  if (!decoded.ok) throw new Error("the file is right");
  return decoded.alerts;
}

test("adds and changes what the file says, and leaves the rest", async () => {
  const store = new MemoryConfigStore();
  await store.replace([makeTarget({ name: "kept" }), makeTarget({ name: "changed" })]);
  const { log, lines } = listen();
  await reload(() => file("changed", "added"), store, log);
  const intervals = [...store.readLocal().targets].map(([name, { target }]) => [
    name,
    target.intervalMillis,
  ]);
  expect(intervals).toEqual([
    ["kept", 1_000],
    ["changed", 2_000],
    ["added", 2_000],
  ]);
  expect(lines).toEqual([
    "SIGHUP: what the file says is in the config, revision 2; kept beside it: 1",
  ]);
});

test("a file that is wrong changes nothing", async () => {
  const store = new MemoryConfigStore();
  const { log, lines } = listen();
  await reload(() => Promise.resolve({ ok: false, lines: ["f:1: wrong"] }), store, log);
  expect(store.readLocal().revision).toBe(0);
  expect(lines).toEqual(["SIGHUP: nothing has changed: f:1: wrong"]);
});

test("what somebody else writes meanwhile is not lost", async () => {
  const store = new MemoryConfigStore();
  const replace = store.replace.bind(store);
  let interruptions = 2;
  store.replace = async (targets, options) => {
    if (interruptions-- > 0) await store.put(makeTarget({ name: `other${interruptions}` }));
    return replace(targets, options);
  };
  const { log } = listen();
  await reload(() => file("added"), store, log);
  expect([...store.readLocal().targets.keys()]).toEqual(["other1", "other0", "added"]);
});

test("one that is larger than the log takes is refused, and said so", async () => {
  const store: ConfigStore = new MemoryConfigStore();
  store.replace = async () => ({
    ok: false,
    reason: "too_large",
    writeBytes: 17,
    limitBytes: 16,
  });
  const { log, lines } = listen();
  await reload(() => file("added"), store, log);
  expect(lines).toEqual([
    "SIGHUP: the file was not confirmed: written out in full the config has 17 bytes, and at most 16 are taken",
  ]);
});

/** A file whose readings end when a test says so, with what it held when they began. */
function slowFile<Read>() {
  const readings: PromiseWithResolvers<Read>[] = [];
  const read = () => {
    readings.push(Promise.withResolvers<Read>());
    return readings.at(-1)!.promise;
  };
  const end = async (index: number, found: Read) => {
    readings[index]!.resolve(found);
    for (let count = 0; count < 50; count++) await Promise.resolve();
  };
  return { readings, read, end };
}

test("after two SIGHUPs the file holds as the later one found it, and any between them are one with it", async () => {
  const store = new MemoryConfigStore();
  const { log, lines } = listen();
  const [config, alerts] = [
    slowFile<Awaited<ReturnType<typeof file>>>(),
    slowFile<{ readonly ok: true; readonly alerts: AlertsConfig }>(),
  ];
  const taken: string[] = [];
  const reconfigure = ({ receivers }: AlertsConfig) => void taken.push(receivers[0]!.name);
  const read = { config: config.read, alerts: alerts.read };
  const hangUp = reloading({ config: "c", alerts: "a" }, read, {
    store,
    alerts: { reconfigure },
    log,
  });
  for (let count = 0; count < 4; count++) hangUp();
  // The later readings are over first, where they may be.
  for (const index of [3, 2, 1, 0, 1]) {
    if (index < config.readings.length) {
      await config.end(index, await file(index === 0 ? "older" : "newer"));
    }
    if (index < alerts.readings.length) {
      await alerts.end(index, { ok: true, alerts: alertsFor(index === 0 ? "older" : "newer") });
    }
  }
  expect([config.readings.length, alerts.readings.length]).toEqual([2, 2]);
  expect([...store.readLocal().targets.keys()]).toEqual(["older", "newer"]);
  expect(taken).toEqual(["older", "newer"]);
  expect(lines).toHaveLength(4);
});

const never = () => Promise.reject(new Error("it was read"));

test("without a file there is nothing to read again", () => {
  const { log, lines } = listen();
  const ground = { store: new MemoryConfigStore(), alerts: { reconfigure: () => {} }, log };
  reloading({}, { config: never, alerts: never }, ground)();
  expect(lines).toEqual(["SIGHUP: there is no --config and no --alerts to read again"]);
});

test("alerts are those of the file from then on, or go on as before", async () => {
  const taken: AlertsConfig[] = [];
  const alerts = { reconfigure: (config: AlertsConfig) => void taken.push(config) };
  const chat = alertsFor("chat");
  const { log, lines } = listen();
  await reloadAlerts(() => Promise.resolve({ ok: false, lines: ["a:1: wrong"] }), alerts, log);
  expect(taken).toEqual([]);
  await reloadAlerts(() => Promise.resolve({ ok: true, alerts: chat }), alerts, log);
  expect(taken).toEqual([chat]);
  expect(lines).toEqual([
    "SIGHUP: alerts go on as before: a:1: wrong",
    "SIGHUP: alerts are those of the file, for chat",
  ]);
});
