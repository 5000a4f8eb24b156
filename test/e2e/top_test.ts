/** `phi top` of the compiled binary, as a pipe reads it. What it does with a terminal is tested beside its code. */
import { afterEach, expect, test } from "bun:test";
import { run, startMonitor, startServers, stopAll, until } from "../kit/binary.ts";

afterEach(stopAll);

test("phi top prints what a monitor sees, the worst first, without an escape", async () => {
  const { ports } = await startServers(1);
  const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
  const targets = [
    { name: "well", url: `http://127.0.0.1:${ports[0]}/heartbeat` },
    {
      name: "silent",
      url: "push:",
      intervalMillis: 100,
      monitor: { threshold: 4, minStdDeviationMillis: 50 },
    },
  ];
  for (const target of targets) {
    const init = {
      method: "PUT",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(target),
    };
    expect((await fetch(`${monitor.url}/config`, init)).status).toBe(200);
  }
  const lines = await until("one up and one down", async () => {
    const { code, stdout } = await run(["top", "--api", monitor.url]);
    expect(code).toBe(0);
    return /✖ down .* silent[^]*● up .* well/u.test(stdout) ? stdout : undefined;
  });
  expect(lines).toStartWith("phi top · seen by ");
  expect(lines).not.toContain("\u001B");
  const json = await run(["top", "--api", monitor.url, "--json"]);
  expect(JSON.parse(json.stdout)).toMatchObject({
    targets: [{ name: "silent" }, { name: "well" }],
  });
});
