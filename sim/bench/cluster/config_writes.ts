/**
 * What a config write costs through a follower: three phi processes, asked for `PUT /config`, beside three
 * etcd processes, asked for a put of the same bytes through their HTTP gateway. In turns, so that whatever
 * else the machine does hits both.
 */
import { join } from "node:path";
import { type Cluster, withDirectory } from "../raft/cluster.ts";
import { startEtcdCluster } from "../raft/etcd_cluster.ts";
import { type LoadOptions, LoadRecorder } from "../raft/load.ts";
import type { BenchRow } from "../row.ts";
import { askClosedLoop } from "./closed_loop.ts";
import { Monitors, until } from "./monitors.ts";

const CLIENTS = [1, 64];
const TIMING = { warmUpMs: 1_000, measureMs: 3_000 };
/** As many as even out what else the machine does. */
const ROUNDS = 5;
/** Before anything counts, at each number of clients: a monitor that has run for a while has its code compiled. */
const FIRST_WARM_UP = { warmUpMs: 15_000, measureMs: 0 };
/** So many targets are written, over and over. */
const TARGETS = 64;

export async function benchConfigWrites(): Promise<BenchRow[]> {
  return withDirectory(async (directory) => {
    const monitors = new Monitors({ directory: join(directory, "writes"), size: 3 });
    const etcd = startEtcdCluster(join(directory, "etcd"));
    try {
      const leader = await monitors.start().then(() => monitors.settled());
      const follower = monitors.all.find((monitor) => monitor !== leader)!;
      const ports = { phi: follower.port, etcd: etcd && (await etcdFollower(etcd)) };
      const rows: BenchRow[] = [];
      for (const clients of CLIENTS.toReversed()) await ask(ports, { clients, ...FIRST_WARM_UP });
      for (const clients of CLIENTS) {
        const rounds = Array.from({ length: ROUNDS }, () => ({ clients, ...TIMING }));
        rows.push(...rowsOf(clients, await ask(ports, ...rounds)));
      }
      return rows;
    } finally {
      await Promise.all([monitors.stop(), etcd?.stop()]);
    }
  });
}

interface Ports {
  readonly phi: number;
  /** Undefined where etcd is not installed. */
  readonly etcd: number | undefined;
}

interface Recorders {
  readonly phi: LoadRecorder;
  readonly etcd: LoadRecorder | undefined;
}

/** Both in turns, for as many rounds. */
async function ask(
  ports: Ports,
  ...rounds: readonly Omit<LoadOptions, "port">[]
): Promise<Recorders> {
  const [phi, etcd] = [new LoadRecorder(), new LoadRecorder()];
  for (const round of rounds) {
    await askClosedLoop({ port: ports.phi, ...round }, turns(putConfig), phi);
    if (ports.etcd === undefined) continue;
    await askClosedLoop({ port: ports.etcd, ...round }, turns(putEtcd), etcd);
  }
  return { phi, etcd: ports.etcd === undefined ? undefined : etcd };
}

function rowsOf(clients: number, { phi, etcd }: Recorders): BenchRow[] {
  const count = `${clients} client${clients === 1 ? "" : "s"}`;
  if (etcd === undefined) {
    const what = `PUT /config through a follower, ${count}: commits/s; p50, p99`;
    return [{ what, measured: `${rateOf(phi)}; ${phi.latency} ms`, toReach: "" }];
  }
  const ratio = phi.perSecond / etcd.perSecond;
  return [
    {
      what: `PUT /config through a follower, ${count}: commits/s, phi / etcd`,
      measured: `${rateOf(phi)} / ${rateOf(etcd)} = ${ratio.toFixed(2)}`,
      toReach: clients === 1 ? ">= 1.00" : "",
      ...(clients === 1 && { isReached: ratio >= 1 }),
    },
    {
      what: "p50, p99 of the same: phi / etcd",
      measured: `${phi.latency} / ${etcd.latency} ms`,
      toReach: "",
    },
  ];
}

function rateOf({ perSecond, failed }: LoadRecorder): string {
  return perSecond.toFixed(0) + (failed === 0 ? "" : ` (and ${failed} failed)`);
}

/** A target as people write one; nobody asks it for heartbeats, so that only its config costs anything. */
function target(place: number): string {
  return JSON.stringify({
    name: `target-${place % TARGETS}`,
    url: "push:",
    intervalMillis: 1_000 + place,
    labels: { team: `team-${place}`, service: "payments", region: "eu-central-1" },
    monitor: { threshold: 16, maxSampleSize: 200, minStdDeviationMillis: 500 },
  });
}

function putConfig(place: number): string {
  return request("PUT /config", target(place));
}

function putEtcd(place: number): string {
  const [key, value] = [`target-${place % TARGETS}`, target(place)].map(btoa);
  return request("POST /v3/kv/put", JSON.stringify({ key, value }));
}

function request(line: string, body: string): string {
  return (
    `${line} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n` +
    `content-length: ${body.length}\r\n\r\n${body}`
  );
}

/** Gives one of the same few requests at each call, made before anything is measured. */
function turns(make: (place: number) => string): () => string {
  const requests = Array.from({ length: 4 * TARGETS }, (_, place) => make(place));
  let turn = 0;
  return () => requests[turn++ % requests.length]!;
}

interface EtcdMembers {
  readonly header: { readonly member_id: string };
  readonly members: readonly EtcdMember[];
}

interface EtcdMember {
  readonly ID: string;
  /** Not there before it has said where it is. */
  readonly clientURLs?: readonly string[];
}

/** The port of one that does not lead. */
async function etcdFollower(etcd: Cluster): Promise<number> {
  return await until("a follower of etcd", async () => {
    const url = `http://127.0.0.1:${await etcd.leaderPort()}/v3/cluster/member/list`;
    const response = await fetch(url, { method: "POST", body: "{}" });
    const { header, members } = (await response.json()) as EtcdMembers;
    const follower = members.find(({ ID, clientURLs }) => ID !== header.member_id && clientURLs);
    return follower && Number(new URL(follower.clientURLs![0]!).port);
  });
}
