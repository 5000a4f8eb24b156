/**
 * The demo of docker-compose.yml, up, used and down, with every compose that is installed. It takes the
 * demo's own ports and addresses, so no other demo may be up.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../kit/binary.ts";
import { buildImage, done, IMAGE, run } from "./_daemon.ts";

const LONG_MS = 180_000;
// The image is there already: nothing is to be built.
const ENVIRONMENT = { PHI_IMAGE: IMAGE };
const APIS = [8000, 8001, 8002].map((port) => `http://127.0.0.1:${port}`);

/** `docker-compose` of old is a program of its own, later ones are a part of docker. */
const composes: (readonly string[])[] = [];
for (const command of [["docker-compose"], ["docker", "compose"]]) {
  const isThere =
    Bun.which(command[0]!) !== null && (await run([...command, "version"])).code === 0;
  if (isThere) composes.push(command);
}

const project = (command: readonly string[]) => [...command, "--project-name", "phi-compose-test"];

async function compose(command: readonly string[], ...args: readonly string[]): Promise<string> {
  return await done([...project(command), ...args], ENVIRONMENT);
}

interface ClusterAnswer {
  readonly leader: string | null;
  readonly quorum: boolean;
  readonly members: readonly { readonly role: string }[];
}

interface TargetAnswer {
  readonly name: string;
  readonly verdict: string;
}

async function get<Body>(url: string): Promise<Body | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    return response.ok ? ((await response.json()) as Body) : undefined;
  } catch {
    return undefined;
  }
}

/** Once all of those monitors agree on a leader other than `except`. */
function leaderOf(apis: readonly string[], except?: string): Promise<string> {
  return until("the monitors to agree on a leader", async () => {
    const answers = await Promise.all(apis.map((api) => get<ClusterAnswer>(`${api}/cluster`)));
    const leaders = new Set(answers.map((each) => (each?.quorum === true ? each.leader : null)));
    const [leader] = leaders;
    const isSure = leaders.size === 1 && leader !== null && leader !== except;
    const voters = answers[0]?.members.filter(({ role }) => role === "voter").length;
    return isSure && voters === 3 ? leader : undefined;
  });
}

function watched(api: string, name: string): Promise<TargetAnswer> {
  return until(`${api} to call ${name} up`, async () => {
    const targets = await get<readonly TargetAnswer[]>(`${api}/targets`);
    return targets?.find((target) => target.name === name && target.verdict === "up");
  });
}

beforeAll(buildImage, LONG_MS);

afterAll(async () => {
  for (const command of composes) await compose(command, "down", "--volumes");
}, LONG_MS);

test("there is a compose to test with", () => {
  expect(composes.length).toBeGreaterThan(0);
});

describe.each(composes.map((command) => [command.join(" "), command] as const))(
  "%s",
  (_, command) => {
    test("takes the file, with and without Prometheus", async () => {
      const services = (await compose(command, "config", "--services")).split("\n");
      expect(services.filter((name) => /^(?:server|monitor)\d+$/u.test(name))).toHaveLength(13);
      await compose(command, "--profile", "prometheus", "config", "--quiet");
    });

    test(
      "brings up three monitors that agree, and the death of the leader loses nothing",
      async () => {
        await compose(command, "up", "--detach");
        const leader = await leaderOf(APIS);
        const put = await fetch(`${APIS[2]}/config`, {
          method: "PUT",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ name: 10, url: "http://10.1.0.110:8080/heartbeat" }),
        });
        expect(put.status).toBe(200);
        for (const api of APIS) await watched(api, "10");
        await compose(command, "kill", leader);
        const left = APIS.filter((_api, index) => leader !== `monitor${index + 1}`);
        await leaderOf(left, leader);
        for (const api of left) await watched(api, "10");
        await compose(command, "start", leader);
        await leaderOf(APIS);
        for (const api of APIS) await watched(api, "10");
      },
      LONG_MS,
    );

    test(
      "the simulated servers take orders at their ports, and every monitor shows its metrics",
      async () => {
        for (let port = 8081; port <= 8090; port++) {
          const control = await get<{ delay: number }>(`http://127.0.0.1:${port}/control`);
          expect(control?.delay).toBe(0);
        }
        for (const port of [9000, 9001, 9002]) {
          const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
          expect(metrics).toContain('phi_suspicion{target="test4"}');
          expect(metrics).toContain('server_phivalue{server_name="test4"}');
        }
      },
      LONG_MS,
    );

    test(
      "takes everything down",
      async () => {
        await compose(command, "down", "--volumes");
        for (const kind of ["container", "volume", "network"]) {
          const list = [
            "docker",
            kind,
            "ls",
            "--quiet",
            ...(kind === "container" ? ["--all"] : []),
          ];
          const label = "label=com.docker.compose.project=phi-compose-test";
          expect(await done([...list, "--filter", label])).toBe("");
        }
      },
      LONG_MS,
    );
  },
);
