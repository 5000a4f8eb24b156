/**
 * The README's walk-through as tests, command by command as it is written there, against a demo as
 * processes or in containers. The commands are taken from the README, so that it cannot say what does not
 * work.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { PROJECT, run, start, stopAll, until, type Running } from "./binary.ts";
import { needs } from "./needs.ts";

const LONG_MS = 60_000;

const readme = await Bun.file(join(PROJECT, "README.md")).text();
/** In the order of the text. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gmu)]
  .flatMap((block) => block[1]!.split("\n"))
  .filter((line) => line.trim() !== "");

export interface WalkThroughPlace {
  readonly simPorts: readonly number[];
  readonly httpPorts: readonly number[];
  readonly metricsPorts: readonly number[];
  /** All that the demo listens on. */
  readonly ports: readonly number[];
  readonly environment: Readonly<Record<string, string>>;
  /** What a command line, which a shell is to read, is run by; none if it is run right here. */
  readonly under?: (line: string) => readonly string[];
}

/** The README's command that fits, which has to be there. */
function command(pattern: RegExp): string {
  const found = commands.find((line) => pattern.test(line));
  if (found === undefined) throw new Error(`the README has no command like ${pattern}`);
  return found;
}

const suspicionOf = (name: string, text: string) =>
  Number(new RegExp(`^phi_suspicion\\{target="${name}"\\} (\\S+)`, "mu").exec(text)?.[1]);

const SCRAPE = /^curl http:\/\/localhost:8001\/metrics$/u;
const CLUSTER = /^curl http:\/\/localhost:8000\/cluster$/u;
const ADD = /^curl -X PUT http:\/\/localhost:8002\/config --json /u;
const ADD_WITH_OLD_CURL = /^curl -X PUT http:\/\/localhost:8002\/config -H .* -d /u;
const DELAY = /"delay":10/u;
const PUT_BACK = /"delay":0/u;
const DOWN = /^make docker-compose-down$/u;

/** Defines the tests, in the file that calls it. */
export function describeWalkThrough(place: WalkThroughPlace): void {
  describe.skipIf(!needs("curl"))("the README's walk-through", () => walkThrough(place));
}

function walkThrough(place: WalkThroughPlace): void {
  const { simPorts, httpPorts, metricsPorts, ports, environment, under = () => [] } = place;
  let demo: Running | undefined;

  beforeAll(async () => {
    const runner = [...under("make run"), "make", "--no-print-directory"];
    demo = start(["run"], { command: runner, env: environment });
    const demoSays = () => (demo!.stdout().includes("Ctrl-C") ? true : undefined);
    // Thirteen containers are created one by one, and their image before that.
    await until("make run to say what to try", demoSays, demo, LONG_MS);
  }, 2 * LONG_MS);

  afterAll(async () => {
    await make("docker-compose-down");
    await stopAll();
  }, LONG_MS);

  function movedSimPort(_: string, port: string): string {
    return `localhost:${simPorts[Number(port) - 8081]}`;
  }

  /** The README's ports led to this test's. */
  function moved(line: string): string {
    return line
      .replace(/localhost:(808\d|8090)/gu, movedSimPort)
      .replace(/localhost:800([0-2])/gu, (_, at: string) => `localhost:${httpPorts[+at]}`)
      .replace(/localhost:900([0-2])/gu, (_, at: string) => `localhost:${metricsPorts[+at]}`);
  }

  /** Every command that was run, as it is written. */
  const ran = new Set<string>();
  let hasJsonFlag = true;

  function attempt(line: string) {
    const script = moved(line).replace(/^curl /u, "curl --fail-with-body --silent --show-error ");
    return run(["-c", script], { command: [...under(line), "sh"], env: environment });
  }

  async function shell(line: string): Promise<string> {
    ran.add(line);
    const { code, stdout, stderr } = await attempt(line);
    if (code !== 0) throw new Error(`${line}\nended with ${code}:\n${stdout}\n${stderr}`);
    return stdout;
  }

  const make = (target: string) => shell(`make --no-print-directory ${target}`);

  test("look at the metrics: one target's, and all of them", async () => {
    const one = await shell(command(/get_metrics SERVER=server1$/u));
    expect(one).toContain('phi_suspicion{target="server1"}');
    expect(one).not.toContain('target="server2"');
    const all = await shell(command(SCRAPE));
    const names = [...all.matchAll(/^phi_suspicion\{target="([^"]+)"\}/gmu)].map(
      (match) => match[1],
    );
    const servers = Array.from({ length: 9 }, (_, index) => `server${index + 1}`);
    expect(names.toSorted()).toEqual([...servers, "test4"].toSorted());
    expect(all).toContain('server_phivalue{server_name="test4"}');
  });

  test(
    "add a server: it is watched, and nothing else changed",
    async () => {
      hasJsonFlag = (await shell("curl --help all")).includes("--json");
      if (hasJsonFlag) await shell(command(ADD));
      await shell(command(ADD_WITH_OLD_CURL));
      await until("the tenth server to be up on all three monitors", async () => {
        const text = await shell("make --no-print-directory get_metrics SERVER=10");
        const up = text.match(/phi_target_state\{target="10",state="up"\} 1/gu);
        return up?.length === 3 ? true : undefined;
      });
      const targets = await shell("curl http://localhost:8000/targets");
      expect((JSON.parse(targets) as unknown[]).length).toBe(11);
    },
    LONG_MS,
  );

  test(
    "delay one: the suspicion of server6 and test4 rises and their verdicts change; put back, both are up",
    async () => {
      await shell(command(DELAY));
      const test4 = command(/get_metrics SERVER=test4$/u);
      const before = suspicionOf("test4", await shell(test4));
      await until("test4 to be down", async () =>
        (await shell(test4)).includes('phi_target_state{target="test4",state="down"} 1')
          ? true
          : undefined,
      );
      expect(suspicionOf("test4", await shell(test4))).toBeGreaterThan(before);
      const server6 = command(/get_metrics SERVER=server6$/u);
      await until("server6 to be down", async () =>
        (await shell(server6)).includes('phi_target_state{target="server6",state="down"} 1')
          ? true
          : undefined,
      );
      expect(await shell(server6)).toMatch(/server6.*test4|test4.*server6/su);
      const all = await shell(command(SCRAPE));
      for (const name of ["server1", "server5", "server7"]) {
        expect(suspicionOf(name, all)).toBeLessThan(8);
      }
      await shell(command(PUT_BACK));
      for (const name of ["server6", "test4"]) {
        await until(`${name} to be up`, async () =>
          (await make(`get_metrics SERVER=${name}`)).includes(
            `phi_target_state{target="${name}",state="up"} 1`,
          )
            ? true
            : undefined,
        );
      }
      const log = demo!.stdout() + demo!.stderr();
      expect(log).toMatch(/test4: suspect -> down: .*phi/u);
    },
    LONG_MS,
  );

  test(
    "kill the leader: another one leads, what was written is there, and writes go on",
    async () => {
      const cluster = JSON.parse(await shell(command(CLUSTER))) as { leader: string };
      const survivor = `http://localhost:${8000 + (Number(cluster.leader.slice(-1)) % 3)}`;
      // As the demo says it.
      const kill = new RegExp(`^ *(.*\\bkill .*\\S) +# ${cluster.leader}$`, "mu");
      await shell(kill.exec(demo!.stdout())![1]!);
      await until("another leader", async () => {
        const now = JSON.parse(await shell(`curl ${survivor}/cluster`)) as {
          leader: string | null;
        };
        return now.leader !== null && now.leader !== cluster.leader ? true : undefined;
      });
      await shell(`curl -X DELETE ${survivor}/config/10`);
    },
    LONG_MS,
  );

  test(
    "stop: nothing is left, a second time is content, and there is no monitor to ask",
    async () => {
      await shell(command(DOWN));
      expect(await demo!.exited).toBeLessThanOrEqual(2);
      for (const port of ports) {
        // 7: cannot connect.
        expect((await attempt(`curl http://127.0.0.1:${port}/`)).code).toBe(7);
      }
      await shell(command(DOWN));
      const asked = await attempt("make --no-print-directory get_metrics");
      expect(asked.code).not.toBe(0);
      // One line of its own, and make's about the failure.
      expect(
        asked.stderr
          .trim()
          .split("\n")
          .filter((line) => !/^make(?:\[\d+\])?: \*\*\*/u.test(line)),
      ).toHaveLength(1);
    },
    LONG_MS,
  );

  test("every command of the README was run", () => {
    // A curl without --json has its twin, which was.
    const left = commands.filter((line) => !ran.has(line) && !(ADD.test(line) && !hasJsonFlag));
    expect(left).toEqual([]);
  });
}
