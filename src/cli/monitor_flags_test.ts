import { describe, expect, test } from "bun:test";
import { type MonitorArguments, readIdFile, readSwitches, whyMisused } from "./monitor_flags.ts";

const DEFAULTS: MonitorArguments = {
  httpBind: { host: "127.0.0.1", port: 8_000 },
  raftBind: { host: "127.0.0.1", port: 7_000 },
  datadir: "./phi-data",
  historyDays: 7,
  historyMaxBytes: 2 ** 28,
};
const EVERYWHERE = { host: "0.0.0.0", port: 7_000 };
const ELSEWHERE = { host: "10.1.0.111", port: 7_000 };

/** What a bind may be written as, and no peer can read. */
const NO_HOSTS = ["my host", "mön", `${"a".repeat(256)}.b`];

const misuse = (flags: Partial<MonitorArguments>) => whyMisused({ ...DEFAULTS, ...flags });

describe("whyMisused()", () => {
  test.each([
    {},
    { join: "127.0.0.1:8000" },
    { join: "[::1]:8000" },
    { join: "https://monitor.example.org" },
    { join: "https://monitor.example.org:8000/" },
    { bootstrap: true, datadir: ":memory:" },
    { raftBind: EVERYWHERE, raftAdvertise: ELSEWHERE, clusterSecretFile: "secret" },
    { raftBind: ELSEWHERE, peerCert: "cert", peerKey: "key", peerCa: "ca" },
    { raftAdvertise: { host: "monitor-1.phi_net", port: 7_000 } },
    { raftBind: { host: "::1", port: 7_000 } },
    { httpBind: ELSEWHERE, apiTokenFile: "token" },
    { httpBind: EVERYWHERE, insecureApi: true },
    { tlsCert: "cert", tlsKey: "key" },
    { historyDays: 0, historyMaxBytes: 0 },
    { historyDays: 366, historyMaxBytes: 2 ** 20 },
  ] satisfies Partial<MonitorArguments>[])("takes %j", (flags) => {
    expect(misuse(flags)).toBeUndefined();
  });

  test.each([
    [{ id: "a b" }, "--id"],
    [{ id: ".." }, "not only dots"],
    [{ id: "a", idFile: "id" }, "--id and --id-file"],
    ...["a", "a:0", ":x", "ftp://a:1", "a b:1", "http://"].map(
      (join) => [{ join }, `--join "${join}" is no address`] satisfies [object, string],
    ),
    ...["http://a:1/phi", "http://a:1/?x", "http://u:p@a:1", "u@a:1", "a/b:1"].map(
      (join) => [{ join }, ": write http://a"] satisfies [object, string],
    ),
    [{ join: "a:1", bootstrap: true }, "--join and --bootstrap"],
    [{ join: "a:1", datadir: ":memory:" }, "--join needs a --datadir"],
    [{ raftBind: { host: "127.0.0.1", port: 0 } }, "need a port"],
    [{ raftAdvertise: { host: "127.0.0.1", port: 0 } }, "need a port"],
    [{ raftBind: EVERYWHERE, clusterSecretFile: "secret" }, "--raft-advertise"],
    ...NO_HOSTS.map(
      (host) =>
        [
          { raftBind: { host, port: 7_000 } },
          `--raft-bind "${host}:7000" is no address`,
        ] satisfies [object, string],
    ),
    ...NO_HOSTS.map(
      (host) =>
        [
          { raftAdvertise: { host, port: 7_000 } },
          `--raft-advertise "${host}:7000" is no address`,
        ] satisfies [object, string],
    ),
    [{ peerCert: "cert" }, "--peer-cert, --peer-key and --peer-ca go together"],
    [
      { peerCert: "cert", peerKey: "key", peerCa: "ca", clusterSecretFile: "secret" },
      "take either --cluster-secret-file",
    ],
    [{ tlsCert: "cert" }, "--tls-cert and --tls-key"],
    [{ tlsKey: "key" }, "--tls-cert and --tls-key"],
    [{ historyDays: 367 }, "--history-days 367 is more than 366"],
    [{ historyMaxBytes: 2 ** 20 - 1 }, "--history-max-bytes 1048575 is too small"],
    [{ raftBind: ELSEWHERE }, "--raft-bind 10.1.0.111:7000 can be reached from other machines"],
    [{ httpBind: ELSEWHERE }, "--api-token-file, or --insecure-api"],
  ] satisfies [Partial<MonitorArguments>, string][])("refuses %j", (flags, words) => {
    expect(misuse(flags)).toContain(words);
  });
});

const failing = (why: string) => () => Promise.reject(new Error(why));

describe("readIdFile()", () => {
  const flags = { ...DEFAULTS, idFile: "/etc/phi/id" };
  const read = (text: string) => readIdFile(flags, async () => text);

  test("takes the one line of the file, and leaves flags without one as they are", async () => {
    expect(await read("phi-1\n")).toEqual({ ok: true, flags: { ...flags, id: "phi-1" } });
    expect(await readIdFile(DEFAULTS, failing("it was read"))).toEqual({
      ok: true,
      flags: DEFAULTS,
    });
  });

  test("says what is wrong with it", async () => {
    for (const text of ["", "a b", "a\nb", ".."]) {
      expect(await read(text)).toMatchObject({
        ok: false,
        detail: `--id-file /etc/phi/id: "${text}" is no name for a monitor: 1 to 64 of A-Z a-z 0-9 _ . -, and not only dots`,
      });
    }
    const detail = "--id-file /etc/phi/id: no such file";
    expect(await readIdFile(flags, failing("no such file"))).toEqual({ ok: false, detail });
  });
});

describe("readSwitches()", () => {
  test("leaves what means yes, takes away what means no", () => {
    for (const word of ["True", "true", "1", "yes", "on"]) {
      const environment: Record<string, string | undefined> = { BOOTSTRAP: word };
      expect(readSwitches(environment)).toBeUndefined();
      expect(environment).toEqual({ BOOTSTRAP: word });
    }
    for (const word of ["False", "false", "0", "no", "off", "", " "]) {
      const environment: Record<string, string | undefined> = { INSECURE_API: word, OTHER: word };
      expect(readSwitches(environment)).toBeUndefined();
      expect(environment).toEqual({ OTHER: word });
    }
  });

  test("says which word it does not know", () => {
    expect(readSwitches({ INSECURE_API: "maybe" })).toContain("INSECURE_API must be True or False");
  });
});
