/** Three members of phi's own Raft. */
import { join } from "node:path";
import { startScript } from "../child.ts";
import { freePorts } from "../../free_ports.ts";
import { type Cluster, findLeader, MEMBERS } from "./cluster.ts";
import type { PhiNodeOptions } from "./phi_node.ts";

export interface PhiClusterOptions {
  readonly directory: string;
  readonly members?: readonly string[];
  readonly inThread?: boolean;
}

export async function startPhiCluster(options: PhiClusterOptions): Promise<Cluster> {
  const { directory, members = MEMBERS, inThread = false } = options;
  const free = freePorts(members.length);
  const ports = Object.fromEntries(members.map((id, place) => [id, free[place]!]));
  const starting = await Promise.allSettled(
    members.map((id) => {
      const node: PhiNodeOptions = { id, directory: join(directory, id), ports, inThread };
      return startScript("raft/phi_node.ts", JSON.stringify(node));
    }),
  );
  const children = starting.flatMap((start) => (start.status === "fulfilled" ? [start.value] : []));
  const failed = starting.find((start) => start.status === "rejected");
  if (failed !== undefined) {
    // None outlives the bench.
    await Promise.all(children.map((child) => child.stop()));
    throw failed.reason;
  }
  const httpPorts = children.map(({ firstLine }) => Number(firstLine));
  return {
    leaderPort: () =>
      findLeader(httpPorts, async (port) => {
        const role: unknown = await (await fetch(`http://127.0.0.1:${port}/role`)).json();
        return role === "leader";
      }),
    stop: async () => {
      await Promise.all(children.map((child) => child.stop()));
    },
  };
}
