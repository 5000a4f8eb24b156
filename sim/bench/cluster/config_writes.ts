/**
 * What a config write costs through a follower: three phi processes, asked for `PUT /config`, beside three
 * etcd processes, asked for a put of the same bytes through their HTTP gateway. In turns, so that whatever
 * else the machine does hits both.
 */
import { join } from "node:path";
import { type Cluster, withDirectory } from "../raft/cluster.ts";
import { startEtcdCluster } from "../raft/etcd_cluster.ts";
import { LoadRecorder } from "../raft/load.ts";
import type { BenchRow } from "../row.ts";
import { askClosedLoop } from "./closed_loop.ts";
import { Monitors } from "./monitors.ts";

const CLIENTS = [1, 64];
const TIMING = { warmUpMs: 1_000, measureMs: 3_000 };
const ROUNDS = 2;
/** So many targets are written, over and over. */
const TARGETS = 64;

export async function benchConfigWrites(): Promise<BenchRow[]> {
  return withDirectory(async (directory) => {
    const monitors = new Monitors({ directory: join(directory, "writes"), size: 3 });
    const etcd = startEtcdCluster(join(directory, "etcd"));
    try {
      const leader = await monitors.start().then(() => monitors.settled());
      const follower = monitors.all.find((monitor) => monitor !== leader)!;
      const rows: BenchRow[] = [];
      for (const clients of CLIENTS) rows.push(...(await compare(follower.port, etcd, clients)));
      return rows;
    } finally {
      await Promise.all([monitors.stop(), etcd?.stop()]);
    }
  });
}

async function compare(
  phiPort: number,
  etcd: Cluster | undefined,
  clients: number,
): Promise<BenchRow[]> {
  const [byPhi, byEtcd] = [new LoadRecorder(), new LoadRecorder()];
  const etcdPort = etcd && (await etcdFollower(etcd));
  for (let round = 0; round < ROUNDS; round++) {
    await askClosedLoop({ port: phiPort, clients, ...TIMING }, turns(putConfig), byPhi);
    if (etcdPort === undefined) continue;
    await askClosedLoop({ port: etcdPort, clients, ...TIMING }, turns(putEtcd), byEtcd);
  }
  const count = `${clients} client${clients === 1 ? "" : "s"}`;
  if (etcdPort === undefined) {
    const what = `PUT /config through a follower, ${count}: commits/s; p50, p99`;
    return [{ what, measured: `${rateOf(byPhi)}; ${byPhi.latency} ms`, toReach: "" }];
  }
  const ratio = byPhi.perSecond / byEtcd.perSecond;
  return [
    {
      what: `PUT /config through a follower, ${count}: commits/s, phi / etcd`,
      measured: `${rateOf(byPhi)} / ${rateOf(byEtcd)} = ${ratio.toFixed(2)}`,
      toReach: clients === 1 ? ">= 1.00" : "",
      ...(clients === 1 && { isReached: ratio >= 1 }),
    },
    {
      what: "p50, p99 of the same: phi / etcd",
      measured: `${byPhi.latency} / ${byEtcd.latency} ms`,
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
  readonly members: readonly { readonly ID: string; readonly clientURLs: readonly string[] }[];
}

/** The port of one that does not lead. */
async function etcdFollower(etcd: Cluster): Promise<number> {
  const response = await fetch(
    `http://127.0.0.1:${await etcd.leaderPort()}/v3/cluster/member/list`,
    {
      method: "POST",
      body: "{}",
    },
  );
  const { header, members } = (await response.json()) as EtcdMembers;
  const follower = members.find(({ ID }) => ID !== header.member_id)!;
  return Number(new URL(follower.clientURLs[0]!).port);
}
