/**
 * A cluster of containers on a network of their own: own names, own subnet, nothing published, so that it
 * runs beside a demo and beside others of its kind. All of it is labelled with the process that runs it,
 * so that what is left of one that was killed outright is found and removed.
 */
import Docker from "dockerode";
import { resolve } from "node:path";
import { identify, isRunning } from "../demo/process_identity.ts";
import { type ChaosCluster, type ClusterSize, type Member, namesOf } from "./cluster.ts";
import { dropPackets, passPackets } from "./packet_filter.ts";
import { lastLines } from "./processes.ts";

const RUNNER_LABEL = "phi.chaos.runner";
/** Tried one after the other: 10.77.0.0/24, 10.77.1.0/24, ... */
const SUBNETS = Array.from({ length: 64 }, (_, index) => `10.77.${index}`);
const SECRET = resolve("docker/demo/cluster_secret");

interface Part extends Member {
  readonly ip: string;
  readonly command: readonly string[];
  container: Docker.Container | undefined;
}

export class ContainerCluster implements ChaosCluster {
  readonly kind = "docker";
  readonly monitors: readonly Part[];
  readonly servers: readonly Part[];
  readonly #docker: Docker;
  readonly #network: Docker.Network;
  readonly #isolated = new Set<string>();

  /** Starts all of it; returns before anything of it answers. Throws if there is no daemon or no image. */
  static async start(
    size: ClusterSize,
    image: string,
    signal: AbortSignal,
  ): Promise<ContainerCluster> {
    const docker = new Docker();
    await requireImage(docker, image);
    const run = `phi-chaos-${process.pid}-${Date.now().toString(36)}`;
    const { network, prefix } = await createNetwork(docker, run);
    const cluster = new ContainerCluster(size, docker, network, prefix);
    try {
      for (const part of cluster.#parts) {
        signal.throwIfAborted();
        part.container = await cluster.#create(part, run, image);
        await part.container.start();
      }
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  private constructor(
    { monitors, servers }: ClusterSize,
    docker: Docker,
    network: Docker.Network,
    prefix: string,
  ) {
    this.#docker = docker;
    this.#network = network;
    this.servers = namesOf("server", servers).map((name, index) => {
      const ip = `${prefix}.${101 + index}`;
      const command = ["sim", "--bind", "0.0.0.0", "--port", "8080"];
      return { name, ip, url: `http://${ip}:8080`, command, container: undefined };
    });
    this.monitors = namesOf("monitor", monitors).map((name, index) => {
      const ip = `${prefix}.${111 + index}`;
      const command = [
        "monitor",
        `--id=${name}`,
        "--http-bind=0.0.0.0:8000",
        "--insecure-api",
        `--raft-bind=${ip}:7000`,
        "--cluster-secret-file=/run/secrets/cluster",
        `--allow-net=${prefix}.0/24`,
        index === 0 ? "--bootstrap" : `--join=${prefix}.111:8000`,
      ];
      return { name, ip, url: `http://${ip}:8000`, command, container: undefined };
    });
  }

  addressOf(server: string): string {
    return this.#part(server).url;
  }

  async kill(name: string): Promise<void> {
    const container = this.#container(name);
    await container.kill({ signal: "SIGKILL" });
    await container.wait();
  }

  async restart(name: string): Promise<void> {
    await this.#container(name).start();
  }

  async pause(name: string): Promise<void> {
    await this.#container(name).pause();
  }

  async resume(name: string): Promise<void> {
    await this.#container(name).unpause();
  }

  async isolate(monitors: readonly string[]): Promise<void> {
    const others = this.monitors.filter(({ name }) => !monitors.includes(name));
    for (const name of monitors) {
      const { State } = await this.#container(name).inspect();
      this.#isolated.add(name);
      await dropPackets(
        State.Pid,
        others.map(({ ip }) => ip),
      );
    }
  }

  async heal(): Promise<void> {
    for (const name of this.#isolated) {
      const { State } = await this.#container(name).inspect();
      // The namespace of one that has ended went with it.
      if (State.Running) await passPackets(State.Pid);
    }
    this.#isolated.clear();
  }

  async log(name: string): Promise<string> {
    const logs = await this.#container(name).logs({ stdout: true, stderr: true, tail: 20 });
    return lastLines(logs.toString());
  }

  async remove(): Promise<void> {
    const containers = this.#parts.flatMap(({ container }) => container ?? []);
    await Promise.all(containers.map(removeContainer));
    await removeNetwork(this.#network);
  }

  get #parts(): readonly Part[] {
    return [...this.servers, ...this.monitors];
  }

  #part(name: string): Part {
    const part = this.#parts.find((each) => each.name === name);
    if (part === undefined) throw new RangeError(`Cannot find container: there is no "${name}"`);
    return part;
  }

  #container(name: string): Docker.Container {
    const { container } = this.#part(name);
    if (container === undefined) throw new Error(`${name} was not started`);
    return container;
  }

  async #create(
    { name, ip, command }: Part,
    run: string,
    image: string,
  ): Promise<Docker.Container> {
    return await this.#docker.createContainer({
      name: `${run}-${name}`,
      Image: image,
      Cmd: [...command],
      // Without a terminal what it writes comes in frames; with one it is plain text.
      Tty: true,
      Env: ["NO_COLOR=1"],
      Labels: runnerLabel(),
      Healthcheck: { Test: ["NONE"] },
      HostConfig: { NetworkMode: run, Binds: [`${SECRET}:/run/secrets/cluster:ro`] },
      NetworkingConfig: { EndpointsConfig: { [run]: { IPAMConfig: { IPv4Address: ip } } } },
    });
  }
}

/** Removes what runs that have ended left behind. Throws if there is no daemon. */
export async function removeLeftContainers(): Promise<void> {
  const docker = new Docker();
  await requireDaemon(docker);
  const filters = { label: [RUNNER_LABEL] };
  const containers = await docker.listContainers({ all: true, filters });
  for (const { Id, Labels } of containers) {
    if (!isRunnerAlive(Labels)) await removeContainer(docker.getContainer(Id));
  }
  for (const { Id, Labels } of await docker.listNetworks({ filters })) {
    if (!isRunnerAlive(Labels ?? {})) await removeNetwork(docker.getNetwork(Id));
  }
}

async function requireDaemon(docker: Docker): Promise<void> {
  try {
    await docker.ping();
  } catch (error) {
    const hint = "no Docker daemon answers; `--runner processes` does without";
    throw new Error(hint, { cause: error });
  }
}

async function requireImage(docker: Docker, image: string): Promise<void> {
  await requireDaemon(docker);
  if ((await docker.listImages({ filters: { reference: [image] } })).length > 0) return;
  throw new Error(`there is no image ${image}; docker/build.sh ${image} makes it`);
}

function runnerLabel(): Record<string, string> {
  return { [RUNNER_LABEL]: JSON.stringify(identify(process.pid)) };
}

function isRunnerAlive(labels: Readonly<Record<string, string>>): boolean {
  const identity: unknown = JSON.parse(labels[RUNNER_LABEL] ?? "null");
  if (typeof identity !== "object" || identity === null) return false;
  if (!("pid" in identity) || !("started" in identity)) return false;
  const { pid, started } = identity;
  return typeof pid === "number" && typeof started === "string" && isRunning({ pid, started });
}

/** On the first subnet that nobody has. */
async function createNetwork(
  docker: Docker,
  name: string,
): Promise<{ readonly network: Docker.Network; readonly prefix: string }> {
  for (const prefix of SUBNETS) {
    try {
      const network = await docker.createNetwork({
        Name: name,
        Labels: runnerLabel(),
        IPAM: { Config: [{ Subnet: `${prefix}.0/24` }] },
      });
      return { network, prefix };
    } catch (error) {
      if (!String(error).includes("overlap")) throw error;
    }
  }
  throw new Error("every subnet of 10.77.0.0/16 that could be used is taken");
}

async function removeContainer(container: Docker.Container): Promise<void> {
  await unlessGone(container.remove({ force: true, v: true }));
}

async function removeNetwork(network: Docker.Network): Promise<void> {
  await unlessGone(network.remove());
}

/** Somebody may have removed it already, or be about to. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  try {
    await removal;
  } catch (error) {
    const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
    if (status !== 404 && status !== 409) throw error;
  }
}
