/** The whole way of a config write to a guarded API: file, command, HTTPS, token, store. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createApi } from "../../src/api/mod.ts";
import {
  bunClock,
  bunTimers,
  listen,
  readBytes,
  readTextFile,
  writeTextFile,
  type Listener,
} from "../../src/bun/mod.ts";
import { runApply } from "../../src/cli/apply.ts";
import { runBackup, runRestore } from "../../src/cli/backup.ts";
import { MemoryConfigStore } from "../../src/store/mod.ts";
import { TestAuthority } from "../kit/certificates.ts";
import { makeMonitorReading } from "../kit/watch_reading.ts";

const authority = new TestAuthority();
const certificate = authority.signed("monitor", {
  names: "IP:127.0.0.1",
  ends: "20400101000000Z",
});
const store = new MemoryConfigStore();
const lines: string[] = [];
const output = {
  data: (line: string) => void lines.push(line),
  say: (line: string) => void lines.push(line),
};
/** As a process does that trusts the authority. */
const trusting = (request: Request) => fetch(request, { tls: { ca: authority.own.certPem } });
const grants = { fetch: trusting, readBytes, readTextFile, writeTextFile, output };

let folder = "";
let listener: Listener;
let api = "";

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phi-secured-"));
  const secured = createApi(
    {
      store,
      monitor: makeMonitorReading([]),
      exposition: { respond: async () => new Response() },
      checkTarget: () => ({ ok: true }),
      clock: bunClock,
      timers: bunTimers,
      version: "1.2.3",
    },
    { writeToken: "t0ken", allowedHosts: [] },
  );
  const tls = { cert: certificate.certPem, key: certificate.keyPem };
  const opened = listen({ host: "127.0.0.1", port: 0 }, (request) => secured.fetch(request), {
    tls,
  });
  if (!opened.ok) throw new Error(opened.detail);
  listener = opened.listener;
  api = `https://127.0.0.1:${listener.port}`;
  await writeFile(join(folder, "servers.yml"), "servers: [{name: a, url: 'push:'}]\n");
  await writeFile(join(folder, "token"), "t0ken\n");
  await writeFile(join(folder, "wrong"), "t1ken\n");
});

afterAll(async () => {
  await listener.stop();
  await rm(folder, { recursive: true });
  authority.remove();
});

test("phi apply, backup and restore work over HTTPS with the token, and not without either", async () => {
  const file = join(folder, "servers.yml");
  const tokenFile = join(folder, "token");
  expect(await runApply({ file, api }, grants)).toBe(1);
  expect(await runApply({ file, api, tokenFile: join(folder, "wrong") }, grants)).toBe(1);
  expect(await runApply({ file, api, tokenFile }, { ...grants, fetch })).toBe(1);
  expect(lines.filter((line) => line.startsWith("phi: "))).toEqual([
    "phi: 401: Writes need the header Authorization: Bearer TOKEN. Name the file that holds it with --token-file, or PHI_TOKEN_FILE.",
    "phi: 401: The token is not the one of this monitor.",
    expect.stringMatching(
      /^phi: no monitor answers at \S+ \(.*certificate.*\); name another with --api$/,
    ),
  ]);
  expect(store.readLocal().revision).toBe(0);
  expect(await runApply({ file, api, tokenFile }, grants)).toBe(0);
  const saved = join(folder, "saved.yml");
  expect(await runBackup({ api, output: saved }, grants)).toBe(0);
  expect(await runBackup({ api, output: saved }, grants)).toBe(2);
  await store.delete("a");
  expect(await runRestore(saved, { api, tokenFile }, grants)).toBe(0);
  expect([...store.readLocal().targets.keys()]).toEqual(["a"]);
});
