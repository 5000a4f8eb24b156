/**
 * Three etcd members (Debian's etcd-server), as it comes: each commit is synced. They are asked by their
 * JSON gateway, which is HTTP/1.1 in front of their gRPC and costs them something; see the row of gRPC.
 */
import { join } from "node:path";
import { freePorts } from "../../free_ports.ts";
import { type Cluster, findLeader, MEMBERS } from "./cluster.ts";

interface EtcdStatus {
  readonly header: { readonly member_id: string };
  readonly leader?: string;
}

/** Undefined where etcd is not installed. */
export function startEtcdCluster(directory: string): Cluster | undefined {
  if (Bun.which("etcd") === null) return undefined;
  const free = freePorts(2 * MEMBERS.length);
  const members = MEMBERS.map((id, place) => {
    const [peerPort, clientPort] = free.slice(2 * place) as [number, number];
    return { id, clientPort, peerUrl: url(peerPort), clientUrl: url(clientPort) };
  });
  const cluster = members.map(({ id, peerUrl }) => `${id}=${peerUrl}`).join(",");
  const children = members.map(({ id, peerUrl, clientUrl }) =>
    Bun.spawn(
      [
        "etcd",
        `--name=${id}`,
        `--data-dir=${join(directory, id)}`,
        `--listen-peer-urls=${peerUrl}`,
        `--initial-advertise-peer-urls=${peerUrl}`,
        `--listen-client-urls=${clientUrl}`,
        `--advertise-client-urls=${clientUrl}`,
        `--initial-cluster=${cluster}`,
        "--logger=zap",
        "--log-level=fatal",
      ],
      // Its settings may come from the environment too.
      { stdin: "ignore", stdout: "ignore", stderr: "ignore", env: {} },
    ),
  );
  const ports = members.map(({ clientPort }) => clientPort);
  return {
    leaderPort: () => findLeader(ports, leads),
    stop: async () => {
      // Asked to, it would first try for seconds to hand over.
      for (const child of children) child.kill("SIGKILL");
      await Promise.all(children.map((child) => child.exited));
    },
  };
}

async function leads(port: number): Promise<boolean> {
  const response = await fetch(`${url(port)}/v3/maintenance/status`, {
    method: "POST",
    body: "{}",
  });
  const { header, leader } = (await response.json()) as EtcdStatus;
  return leader === header.member_id;
}

function url(port: number): string {
  return `http://127.0.0.1:${port}`;
}
