/**
 * A cluster of containers on a network of their own: own names, own subnet, nothing published, so that it
 * runs beside a demo and beside others of its kind. All of it is labelled with the process that runs it,
 * so that what is left of one that was killed outright is found and removed.
 */
import Docker from "dockerode";
import { resolve } from "node:path";
import {
  type ChaosCluster,
  type ClusterPlan,
  type Direction,
  FLEET,
  fleetHost,
  type Member,
  namesOf,
} from "./cluster.ts";
import {
  createDisk,
  createNetwork,
  removeContainer,
  removeDisk,
  removeNetwork,
  requireImage,
  runnerLabel,
} from "./docker_parts.ts";
import { droppedPackets, dropPackets, losePackets, passPackets } from "./packet_filter.ts";
import { lastLines } from "./processes.ts";
import { ProgramFolders } from "./program_folders.ts";
import { DISK_MEGABYTES, fill, free, pathThrough } from "./small_disk.ts";

const SECRET = resolve("docker/demo/cluster_secret");
const DATA = "/data";
/** The ports of the fleet's servers, from here on, in their one container. */
const FLEET_PORT = 8_101;
/** One that was asked to end has to have done so by then. */
const END_WITHIN_MS = 10_000;

interface Part extends Member {
  readonly ip: string;
  readonly command: readonly string[];
  readonly binds: readonly string[];
  container: Docker.Container | undefined;
}

export class ContainerCluster implements ChaosCluster {
  readonly kind = "docker";
  readonly monitors: readonly Part[];
  readonly spares: readonly Part[];
  readonly servers: readonly Part[];
  readonly fleet: readonly string[];
  readonly #docker: Docker;
  readonly #network: Docker.Network;
  readonly #run: string;
  readonly #fleetPart: Part | undefined;
  /** Of containers that only keep a disk where it is, by the monitor whose it is. */
  readonly #diskHolders = new Map<string, Part>();
  readonly #disks: Docker.Volume[] = [];
  readonly #programs: ProgramFolders | undefined;
  /** Those whose packets are filtered. */
  readonly #filtered = new Set<string>();

  /** Starts all of it; returns before anything of it answers. Throws if there is no daemon or no image. */
  static async start(
    plan: ClusterPlan,
    image: string,
    signal: AbortSignal,
  ): Promise<ContainerCluster> {
    const docker = new Docker();
    await requireImage(docker, image);
    const run = `phi-chaos-${process.pid}-${Date.now().toString(36)}`;
    const { network, prefix } = await createNetwork(docker, run);
    const cluster = new ContainerCluster(plan, docker, network, run, prefix);
    try {
      if (plan.setting.hasSmallDisks === true) await cluster.#createDisks(image);
      signal.throwIfAborted();
      // All have ended before any of them is removed.
      const started = cluster.#parts.map((part) => cluster.#start(part, image));
      await Promise.allSettled(started);
      await Promise.all(started);
    } catch (error) {
      await cluster.remove();
      throw error;
    }
    return cluster;
  }

  private constructor(
    { monitors, servers, setting, previous }: ClusterPlan,
    docker: Docker,
    network: Docker.Network,
    run: string,
    prefix: string,
  ) {
    this.#docker = docker;
    this.#network = network;
    this.#run = run;
    const isPrevious = setting.startsAsPrevious === true && previous !== undefined;
    this.#programs = isPrevious ? new ProgramFolders(previous) : undefined;
    this.servers = namesOf("server", servers).map((name, index) => {
      const ip = `${prefix}.${101 + index}`;
      return makePart(name, ip, 8_080, simCommand("8080"));
    });
    this.fleet = namesOf(FLEET, setting.fleetServers ?? 0);
    const fleetIp = `${prefix}.100`;
    if (this.fleet.length > 0) {
      const ports = `${FLEET_PORT}..${FLEET_PORT + this.fleet.length - 1}`;
      this.#fleetPart = makePart(FLEET, fleetIp, FLEET_PORT, simCommand(ports));
    }
    const detours = this.fleet.map(
      (_, index) => `--connect-to=${fleetHost(index)}=${fleetIp}:${FLEET_PORT + index}`,
    );
    const count = monitors + (setting.spareMonitors ?? 0);
    const all = namesOf("monitor", count).map((name, index) => {
      const ip = `${prefix}.${111 + index}`;
      const command = [...monitorCommand(name, ip, prefix), ...detours];
      command.push(index === 0 ? "--bootstrap" : `--join=${prefix}.111:8000`);
      const binds = [`${SECRET}:/run/secrets/cluster:ro`];
      if (setting.hasSmallDisks === true) binds.push(`${this.#diskName(name)}:${DATA}`);
      if (this.#programs !== undefined) binds.push(this.#programs.bindOf(name));
      return makePart(name, ip, 8_000, command, binds);
    });
    this.monitors = all.slice(0, monitors);
    this.spares = all.slice(monitors);
  }

  addressOf(server: string): string {
    const place = this.fleet.indexOf(server);
    return place === -1 ? this.#part(server).url : `http://${fleetHost(place)}`;
  }

  async kill(name: string): Promise<void> {
    const container = this.#container(name);
    await container.kill({ signal: "SIGKILL" });
    await container.wait();
  }

  async terminate(name: string): Promise<void> {
    const container = this.#container(name);
    await container.kill({ signal: "SIGTERM" });
    const abort = AbortSignal.timeout(END_WITHIN_MS);
    await container.wait({ abortSignal: abort }).catch((error: unknown) => {
      throw new Error(`${name} did not end when it was asked to`, { cause: error });
    });
  }

  upgrade(name: string): Promise<void> {
    this.#programs?.upgrade(name);
    return Promise.resolve();
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

  async isolate(monitors: readonly string[], direction: Direction): Promise<void> {
    const others = [...this.monitors, ...this.spares].filter(
      ({ name }) => !monitors.includes(name),
    );
    const addresses = others.map(({ ip }) => ip);
    for (const name of monitors) {
      this.#filtered.add(name);
      await dropPackets(await this.pidOf(name), addresses, direction);
    }
  }

  async losePackets(server: string, share: number): Promise<void> {
    this.#filtered.add(server);
    await losePackets(await this.pidOf(server), share);
  }

  async droppedPackets(name: string): Promise<number> {
    return await droppedPackets(await this.pidOf(name));
  }

  async heal(): Promise<void> {
    for (const name of this.#filtered) {
      const { State } = await this.#container(name).inspect();
      // The namespace of one that has ended went with it.
      if (State.Running) await passPackets(State.Pid);
    }
    this.#filtered.clear();
  }

  async fillDisk(monitor: string): Promise<void> {
    await fill(await this.#diskPath(monitor));
  }

  async freeDisk(monitor: string): Promise<void> {
    free(await this.#diskPath(monitor));
  }

  setWallClock(): Promise<void> {
    return Promise.reject(new Error("Cannot set a clock: containers share the machine's"));
  }

  async pidOf(name: string): Promise<number> {
    const { State } = await this.#container(name).inspect();
    if (!State.Running) throw new Error(`${name} does not run`);
    return State.Pid;
  }

  async log(name: string): Promise<string> {
    const logs = await this.#container(name).logs({ stdout: true, stderr: true, tail: 20 });
    return lastLines(logs.toString());
  }

  async remove(): Promise<void> {
    const parts = [...this.#parts, ...this.#diskHolders.values()];
    await Promise.all(parts.flatMap(({ container }) => container ?? []).map(removeContainer));
    await Promise.all(this.#disks.map(removeDisk));
    await removeNetwork(this.#network);
    this.#programs?.remove();
  }

  get #parts(): readonly Part[] {
    const fleet = this.#fleetPart === undefined ? [] : [this.#fleetPart];
    return [...this.servers, ...fleet, ...this.monitors, ...this.spares];
  }

  #part(name: string): Part {
    const found = this.#parts.find((each) => each.name === name);
    if (found === undefined) throw new RangeError(`Cannot find container: there is no "${name}"`);
    return found;
  }

  #container(name: string): Docker.Container {
    const { container } = this.#part(name);
    if (container === undefined) throw new Error(`${name} was not started`);
    return container;
  }

  #diskName(monitor: string): string {
    return `${this.#run}-${monitor}-disk`;
  }

  /** The data directory of that monitor, as it is reached from here. */
  async #diskPath(monitor: string): Promise<string> {
    const container = this.#diskHolders.get(monitor)?.container;
    if (container === undefined) throw new Error(`${monitor} has no disk of its own`);
    const { State } = await container.inspect();
    return pathThrough(State.Pid, DATA);
  }

  /** What is in memory is gone once nobody has it mounted; so somebody has, for as long as all of it runs. */
  async #createDisks(image: string): Promise<void> {
    for (const { name, ip } of this.monitors) {
      const disk = this.#diskName(name);
      this.#disks.push(await createDisk(this.#docker, disk, DISK_MEGABYTES));
      const number = ip.replace(/\.1(\d\d)$/u, ".2$1");
      const holder = makePart(`${name}-disk-holder`, number, 8_080, simCommand("8080"), [
        `${disk}:${DATA}`,
      ]);
      this.#diskHolders.set(name, holder);
      holder.container = await this.#create(holder, image);
      await holder.container.start();
    }
  }

  async #start(part: Part, image: string): Promise<void> {
    part.container = await this.#create(part, image);
    if (!this.spares.includes(part)) await part.container.start();
  }

  async #create({ name, ip, command, binds }: Part, image: string): Promise<Docker.Container> {
    const endpoint = { [this.#run]: { IPAMConfig: { IPv4Address: ip } } };
    return await this.#docker.createContainer({
      name: `${this.#run}-${name}`,
      Image: image,
      Cmd: [...command],
      // Without a terminal what it writes comes in frames; with one it is plain text.
      Tty: true,
      Env: ["NO_COLOR=1"],
      Labels: runnerLabel(),
      Healthcheck: { Test: ["NONE"] },
      HostConfig: { NetworkMode: this.#run, Binds: [...binds] },
      NetworkingConfig: { EndpointsConfig: endpoint },
    });
  }
}

function makePart(
  name: string,
  ip: string,
  port: number,
  command: readonly string[],
  binds: readonly string[] = [],
): Part {
  return { name, ip, url: `http://${ip}:${port}`, command, binds, container: undefined };
}

function simCommand(ports: string): string[] {
  return ["sim", "--bind", "0.0.0.0", "--port", ports];
}

function monitorCommand(name: string, ip: string, prefix: string): string[] {
  return [
    "monitor",
    `--id=${name}`,
    "--http-bind=0.0.0.0:8000",
    "--insecure-api",
    `--raft-bind=${ip}:7000`,
    "--cluster-secret-file=/run/secrets/cluster",
    `--allow-net=${prefix}.0/24`,
  ];
}
