/**
 * The README's walk-through, command by command as it is written there, against a demo on ports of its
 * own. The commands are taken from the README, so that it cannot say what does not work.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  answers,
  freePorts,
  PROJECT,
  run,
  start,
  stopAll,
  until,
  type Running,
} from "../kit/binary.ts";

const LONG_MS = 60_000;

const readme = await Bun.file(join(PROJECT, "README.md")).text();
/** In the order of the text. */
const commands = [...readme.matchAll(/^```sh\n([\s\S]*?)^```$/gmu)]
  .flatMap((block) => block[1]!.split("\n"))
  .filter((line) => line.trim() !== "");

const ports = freePorts(19);
const simPorts = ports.slice(0, 10);
const [httpPorts, metricsPorts, raftPorts] = [10, 13, 16].map((at) => ports.slice(at, at + 3));
let folder = "";
let environment: Record<string, string> = {};
let demo: Running | undefined;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "phi-walkthrough-"));
  environment = {
    PHI_DEMO_SIM_PORTS: simPorts.join(","),
    PHI_DEMO_HTTP_PORTS: httpPorts!.join(","),
    PHI_DEMO_METRICS_PORTS: metricsPorts!.join(","),
    PHI_DEMO_RAFT_PORTS: raftPorts!.join(","),
    PHI_DEMO_RUN_DIRECTORY: folder,
  };
  demo = start(["run"], { command: ["make", "--no-print-directory"], env: environment });
  const demoSays = () => (demo!.stdout().includes("Ctrl-C") ? true : undefined);
  await until("make run to say what to try", demoSays, demo);
}, LONG_MS);

afterAll(async () => {
  await make("docker-compose-down");
  await stopAll();
  await rm(folder, { recursive: true, force: true });
});

function movedSimPort(_: string, port: string): string {
  return `localhost:${simPorts[Number(port) - 8081]}`;
}

/** The README's ports led to this test's. */
function moved(line: string): string {
  return line
    .replace(/localhost:(808\d|8090)/gu, movedSimPort)
    .replace(/localhost:800([0-2])/gu, (_, place: string) => `localhost:${httpPorts![+place]}`)
    .replace(/localhost:900([0-2])/gu, (_, place: string) => `localhost:${metricsPorts![+place]}`);
}

/** Whoever listens on the port, by what the system says of sockets and open files. */
function pidOn(port: number): number {
  const { stdout } = Bun.spawnSync(["ss", "-Hltnp", `sport = :${port}`]);
  return Number(/pid=(?<pid>\d+)/u.exec(stdout.toString())!.groups!["pid"]);
}

/** Every command that was run, as it is written. */
const ran = new Set<string>();
let hasJsonFlag = true;

async function shell(line: string): Promise<string> {
  ran.add(line);
  const script = moved(line).replace(/^curl /u, "curl --fail-with-body --silent --show-error ");
  const { code, stdout, stderr } = await run(["-c", script], {
    command: ["sh"],
    env: environment,
  });
  if (code !== 0) throw new Error(`${line}\nended with ${code}:\n${stdout}\n${stderr}`);
  return stdout;
}

const make = (target: string) => shell(`make --no-print-directory ${target}`);

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

test("look at the metrics: one target's, and all of them", async () => {
  const one = await shell(command(/get_metrics SERVER=server1$/u));
  expect(one).toContain('phi_suspicion{target="server1"}');
  expect(one).not.toContain('target="server2"');
  const all = await shell(command(SCRAPE));
  const names = [...all.matchAll(/^phi_suspicion\{target="([^"]+)"\}/gmu)].map((match) => match[1]);
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
    const place = Number(cluster.leader.replace("monitor", "")) - 1;
    const survivor = `http://localhost:${httpPorts![(place + 1) % 3]}`;
    process.kill(pidOn(httpPorts![place]!), "SIGKILL");
    await until("another leader", async () => {
      const { leader } = (await (await fetch(`${survivor}/cluster`)).json()) as { leader: string };
      return leader !== null && leader !== cluster.leader ? true : undefined;
    });
    const written = await fetch(`${survivor}/config/10`, { method: "DELETE" });
    expect(written.status).toBe(200);
    expect(demo!.stderr()).toContain(`${cluster.leader} has ended\n`);
  },
  LONG_MS,
);

test(
  "stop: nothing is left, a second time is content, and there is no monitor to ask",
  async () => {
    await shell(command(DOWN));
    expect(await demo!.exited).toBeLessThanOrEqual(2);
    for (const port of ports) {
      expect(await answers(`http://127.0.0.1:${port}/`)).toBeUndefined();
    }
    await shell(command(DOWN));
    const asked = await run(["--no-print-directory", "get_metrics"], {
      command: ["make"],
      env: environment,
    });
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
