/** A monitor that doubts itself: the compiled binary, stopped and woken, and one without descriptors. */
import { afterAll, afterEach, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  BINARY,
  run,
  start,
  startMonitor,
  startServers,
  stopAll,
  temporaryDirectory,
  until,
} from "../kit/binary.ts";
import { TestAuthority } from "../kit/certificates.ts";

const LONG_MS = 90_000;

const authority = new TestAuthority();
const certificate = authority.signed("monitor", {
  names: "DNS:monitor.example",
  ends: "20400101000000Z",
});

afterEach(stopAll);
afterAll(() => authority.remove());

interface Explained {
  readonly verdict: string;
  readonly sentences: readonly string[];
  readonly selfDoubts: readonly { readonly doubt: string; readonly detail: string }[];
}

/** Whom a monitor's certificate names does not matter here. */
const ANY_NAME = { tls: { rejectUnauthorized: false } };

test(
  "stopped and woken, it says so in its first answer, and no more once every target was asked again; over TLS it reaches itself",
  async () => {
    const { ports } = await startServers(1);
    const directory = temporaryDirectory();
    const [config, key] = [join(directory, "servers.yml"), join(directory, "key.pem")];
    await writeFile(
      config,
      `servers: [{name: s, url: "http://127.0.0.1:${ports[0]}/heartbeat", intervalMillis: 200}]`,
    );
    await writeFile(key, certificate.keyPem);
    const monitor = await startMonitor([
      `--config=${config}`,
      `--tls-cert=${certificate.certPath}`,
      `--tls-key=${key}`,
      "--allow-net=127.0.0.0/8",
    ]);
    const explain = async (): Promise<Explained> => {
      const response = await fetch(`${monitor.url}/targets/s/explain`, ANY_NAME);
      return (await response.json()) as Explained;
    };
    const doubts = async () => (await explain()).selfDoubts.map(({ doubt }) => doubt);
    await until("s to be up", async () => ((await explain()).verdict === "up" ? true : undefined));
    // It has asked itself twice by then, and would have doubted itself had it not been answered.
    await Bun.sleep(5_000);
    expect(await doubts()).not.toContain("self_probe");

    monitor.signal("SIGSTOP");
    await Bun.sleep(3_000);
    monitor.signal("SIGCONT");
    const { selfDoubts, sentences, verdict } = await explain();
    expect(verdict).toBe("up");
    const paused = selfDoubts.find(({ doubt }) => doubt === "paused");
    expect(paused?.detail).toMatch(/^the process did not run for (?:2\.[89]|3|3\.\d) s$/u);
    expect(sentences.join("\n")).toContain(`This monitor doubts itself: ${paused!.detail}`);
    await until("its doubt to be over", async () =>
      (await doubts()).includes("paused") ? undefined : true,
    );
    const log = monitor.stderr();
    expect(log).toContain(`this monitor doubts itself (paused): ${paused!.detail}`);
    expect(log).toMatch(/this monitor's doubt is over \(paused/u);
    expect(log).not.toMatch(/s: up -> /u);
  },
  LONG_MS,
);

test(
  "without descriptors for its targets it doubts itself before it suspects one of them",
  async () => {
    const { ports } = await startServers(1);
    const config = join(temporaryDirectory(), "servers.yml");
    const targets = Array.from(
      { length: 60 },
      (_, index) => `  - {name: s${index}, url: "http://127.0.0.1:${ports[0]}/heartbeat"}\n`,
    );
    await writeFile(config, `servers:\n${targets.join("")}`);
    const command = ["bash", "-c", 'ulimit -n 70; exec "$0" "$@"', BINARY];
    const args = ["monitor", "--http-bind=127.0.0.1:0", "--allow-net=127.0.0.0/8"];
    const monitor = start([...args, `--config=${config}`], { command });
    const doubted = /this monitor doubts itself \(self_probe\): .*EMFILE/u;
    await until("it to doubt itself", () => doubted.exec(monitor.stderr())?.[0], monitor);
    await until("it to suspect one", () => /-> suspect/u.exec(monitor.stderr())?.[0], monitor);
    const log = monitor.stderr();
    expect(log.search(doubted)).toBeLessThan(log.search(/-> suspect/u));
  },
  LONG_MS,
);

test(
  "phi explain says why a server is down, and what to do about a name that is not watched",
  async () => {
    const { ports, running } = await startServers(1);
    const monitor = await startMonitor(["--allow-net=127.0.0.0/8"]);
    const api = `--api=${monitor.url}`;
    const url = `http://127.0.0.1:${ports[0]}/heartbeat`;
    expect((await run(["targets", "add", "s", url, api])).code).toBe(0);
    const verdict = async (wanted: string) =>
      await until(`s to be ${wanted}`, async () => {
        const { stdout } = await run(["explain", "s", api]);
        return stdout.startsWith(`s is ${wanted}, since `) ? stdout : undefined;
      });
    expect(await verdict("up")).toMatch(/If nothing arrives, it will be suspect at [\d:]+ UTC/u);
    running.signal("SIGKILL");
    const down = await verdict("down");
    expect(down).toMatch(/probes? failed, the last one at [\d:]+ UTC .*: refused: /u);
    const json = await run(["explain", "s", "--json", api]);
    expect(JSON.parse(json.stdout)).toMatchObject({
      target: "s",
      verdict: "down",
      recovery: { heartbeats: 0, needed: 2 },
    });
    const unknown = await run(["explain", "t", api]);
    expect(unknown).toMatchObject({ code: 1, stdout: "" });
    expect(unknown.stderr).toBe('phi: "t" is not watched; "phi targets list" shows what is\n');
  },
  LONG_MS,
);
