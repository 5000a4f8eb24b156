import { expect, test } from "bun:test";
import { makeTerminal } from "./_test_member.ts";
import { runCheck } from "./check.ts";
import { readAlertsFile, whySecretsUnusable } from "./alerts_file.ts";
import { readNetFlags } from "./net_options.ts";

const FILES: Readonly<Record<string, string>> = {
  "servers.yml": 'servers: [{name: a, url: "http://10.1.0.101/"}]',
  "alerts.yml": 'receivers: [{name: am, alertmanager: ["http://10.1.0.5:9093", "http://am:9093"]}]',
  "wrong.yml": "receivers: [{name: am}]",
  "hooks.yml": `receivers:
  - {name: a, webhook: "http://10.1.0.5/", secretFile: short}
  - {name: b, webhook: "http://10.1.0.5/", secretFile: missing, bearerTokenFile: two}
  - {name: c, alertmanager: ["http://10.1.0.5/"], bearerTokenFile: good}
`,
  short: "secret",
  two: "one two",
  good: "a-token\n",
};

const readBytes = async (path: string) => {
  const text = FILES[path];
  if (text === undefined) throw new Error("ENOENT");
  return new TextEncoder().encode(text);
};
const readTextFile = async (path: string) => new TextDecoder().decode(await readBytes(path));

async function check(file: string | undefined, flags: Parameters<typeof runCheck>[1]) {
  const output = makeTerminal();
  const code = await runCheck(file, flags, { readBytes, output });
  return { code, stdout: output.stdout, stderr: output.stderr };
}

test("both files are checked, each for itself", async () => {
  expect(await check("servers.yml", { alerts: "alerts.yml" })).toEqual({
    code: 0,
    stdout: ["servers.yml: ok, 1 target", "alerts.yml: ok, 1 receiver"],
    stderr: [],
  });
  expect(await check(undefined, { alerts: "alerts.yml", json: true })).toEqual({
    code: 0,
    stdout: ['{"ok":true,"receivers":1}'],
    stderr: [],
  });
  const wrong = await check("servers.yml", { alerts: "wrong.yml" });
  expect([wrong.code, wrong.stdout]).toEqual([1, ["servers.yml: ok, 1 target"]]);
  expect(wrong.stderr).toEqual([
    "wrong.yml:1: receivers[0]: needs either alertmanager (a list of URLs) or webhook (a URL)",
  ]);
  const missing = await check(undefined, { alerts: "nothing.yml", json: true });
  expect(missing).toMatchObject({
    code: 1,
    stdout: ['{"ok":false,"errors":["nothing.yml: cannot be read: ENOENT"]}'],
  });
  expect((await check(undefined, {})).code).toBe(2);
});

test("a receiver that may not be contacted is refused, by the policy of the targets", async () => {
  const refused = await check(undefined, { alerts: "alerts.yml", allowNet: ["127.0.0.0/8"] });
  expect(refused.code).toBe(1);
  // What a name stands for is seen when it is looked up.
  expect(refused.stderr).toEqual([
    "alerts.yml: receivers[0] (am): 10.1.0.5, port 9093, is not allowed by --allow-net, which lists 127.0.0.0/8",
  ]);
});

test("files of secrets that cannot be used are found at the start, and no secret is said", async () => {
  const net = readNetFlags({});
  if (!net.ok) throw new Error(net.detail);
  const read = await readAlertsFile("hooks.yml", net.options, readBytes);
  if (!read.ok) throw new Error(read.lines.join());
  expect(await whySecretsUnusable(read.alerts, readTextFile)).toEqual([
    "receiver a: short: a secret has at least 24 bytes, this one has 6; make one for instance by `openssl rand -base64 32`",
    "receiver b: missing cannot be read: ENOENT",
    "receiver b: two holds no token on a line of its own",
  ]);
});
