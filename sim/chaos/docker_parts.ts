/**
 * What a cluster of containers is made of beside the containers: its network, its disks, and the label by
 * which all of it is found and removed when the process that ran it was killed outright.
 */
import Docker from "dockerode";
import { identify, isRunning } from "../demo/process_identity.ts";

const RUNNER_LABEL = "phi.chaos.runner";
/** Tried one after the other: 10.77.0.0/24, 10.77.1.0/24, ... */
const SUBNETS = Array.from({ length: 64 }, (_, index) => `10.77.${index}`);

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
  const { Volumes } = await docker.listVolumes({ filters: JSON.stringify(filters) });
  for (const { Name, Labels } of Volumes ?? []) {
    if (!isRunnerAlive(Labels ?? {})) await removeDisk(docker.getVolume(Name));
  }
}

export async function requireDaemon(docker: Docker): Promise<void> {
  try {
    await docker.ping();
  } catch (error) {
    const hint = "no Docker daemon answers; `--runner processes` does without";
    throw new Error(hint, { cause: error });
  }
}

export async function requireImage(docker: Docker, image: string): Promise<void> {
  await requireDaemon(docker);
  if ((await docker.listImages({ filters: { reference: [image] } })).length > 0) return;
  throw new Error(`there is no image ${image}; docker/build.sh ${image} makes it`);
}

export function runnerLabel(): Record<string, string> {
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
export async function createNetwork(
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

export async function removeContainer(container: Docker.Container): Promise<void> {
  await unlessGone(container.remove({ force: true, v: true }));
}

export async function removeNetwork(network: Docker.Network): Promise<void> {
  await unlessGone(network.remove());
}

/** A file system in memory, of phi's own user in the image; what is on it goes when nobody has it mounted. */
export async function createDisk(
  docker: Docker,
  name: string,
  megabytes: number,
): Promise<Docker.Volume> {
  await docker.createVolume({
    Name: name,
    Driver: "local",
    DriverOpts: { type: "tmpfs", device: "tmpfs", o: `size=${megabytes}m,uid=65532,gid=65532` },
    Labels: runnerLabel(),
  });
  return docker.getVolume(name);
}

export async function removeDisk(disk: Docker.Volume): Promise<void> {
  await unlessGone(disk.remove());
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
