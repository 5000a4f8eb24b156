/**
 * Commits of three members on real disks, phi beside etcd. The same clients ask both leaders the same
 * way, in turns, so that whatever else the machine does hits both; etcd is also asked its own way.
 */
import { closeSync, fdatasyncSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import { quantile, type BenchRow } from "../row.ts";
import { type Cluster, fileSystemOf, withDirectory } from "./cluster.ts";
import { startEtcdCluster } from "./etcd_cluster.ts";
import { askByGrpc } from "./grpc_clients.ts";
import { askByJson } from "./json_clients.ts";
import { LoadRecorder } from "./load.ts";
import { startPhiCluster } from "./phi_cluster.ts";

const CLIENTS = [1, 16, 64];
const WARM_UP_MS = 400;
const MEASURE_MS = 1_800;
const SYNCS = 300;

export async function benchCommits(): Promise<BenchRow[]> {
  return withDirectory(async (directory) => {
    const sync = syncRow(directory);
    const phi = await startPhiCluster({ directory: join(directory, "phi") });
    const etcd = startEtcdCluster(join(directory, "etcd"));
    try {
      const rows: BenchRow[] = [];
      for (const clients of CLIENTS) {
        rows.push(...(await (etcd ? compare(phi, etcd, clients) : alone(phi, clients))));
      }
      return [sync, ...rows, ...(etcd ? [] : [MISSING_ETCD])];
    } finally {
      await Promise.all([phi.stop(), etcd?.stop()]);
    }
  });
}

const MISSING_ETCD: BenchRow = {
  what: "commits/s of three members of etcd",
  measured: "etcd is not installed (Debian: apt-get install etcd-server)",
  toReach: "",
};

async function compare(phi: Cluster, etcd: Cluster, clients: number): Promise<BenchRow[]> {
  const [byPhi, byEtcd, byGrpc] = [new LoadRecorder(), new LoadRecorder(), new LoadRecorder()];
  const turns = [
    { cluster: phi, ask: askByJson, recorder: byPhi },
    { cluster: etcd, ask: askByJson, recorder: byEtcd },
    { cluster: etcd, ask: askByGrpc, recorder: byGrpc },
  ];
  // Whoever went first goes last, so that nobody gains by a disk that gets slower or faster.
  for (const { cluster, ask, recorder } of [...turns, ...turns.toReversed()]) {
    await ask({ port: await cluster.leaderPort(), clients, ...TIMING }, recorder);
  }
  return [
    {
      what: `commits/s of three members, ${countOf(clients)}: phi / etcd`,
      measured: `${rateOf(byPhi)} / ${rateOf(byEtcd)} = ${ratio(byPhi, byEtcd)}`,
      toReach: "",
    },
    {
      what: "p50, p99 of the same: phi / etcd",
      measured: `${byPhi.latency} / ${byEtcd.latency} ms`,
      toReach: "",
    },
    {
      what: "the same, etcd without its HTTP gateway: phi / etcd",
      measured: `${rateOf(byPhi)} / ${rateOf(byGrpc)} = ${ratio(byPhi, byGrpc)}; ${byGrpc.latency} ms`,
      toReach: "",
    },
  ];
}

async function alone(phi: Cluster, clients: number): Promise<BenchRow[]> {
  const recorder = new LoadRecorder();
  await askByJson({ port: await phi.leaderPort(), clients, ...TIMING }, recorder);
  return [
    {
      what: `commits/s, p50, p99 of three members, ${countOf(clients)}`,
      measured: `${rateOf(recorder)}; ${recorder.latency} ms`,
      toReach: "",
    },
  ];
}

const TIMING = { warmUpMs: WARM_UP_MS, measureMs: MEASURE_MS };

/** What one sync costs where the members' files are: the floor under all of it. */
function syncRow(directory: string): BenchRow {
  const path = join(directory, "sync");
  const descriptor = openSync(path, "w");
  const page = new Uint8Array(4096);
  const syncsMs = Array.from({ length: SYNCS }, () => {
    const startMs = performance.now();
    writeSync(descriptor, page);
    fdatasyncSync(descriptor);
    return performance.now() - startMs;
  }).toSorted((left, right) => left - right);
  closeSync(descriptor);
  return {
    what: `fdatasync of a file on ${fileSystemOf(directory)} that has grown by 4 KiB`,
    measured: `p50 ${quantile(syncsMs, 0.5).toFixed(2)}, p99 ${quantile(syncsMs, 0.99).toFixed(2)} ms`,
    toReach: "",
  };
}

function countOf(clients: number): string {
  return `${clients} client${clients === 1 ? "" : "s"}`;
}

function rateOf({ perSecond, failed }: LoadRecorder): string {
  return perSecond.toFixed(0) + (failed === 0 ? "" : ` (and ${failed} failed)`);
}

function ratio(one: LoadRecorder, other: LoadRecorder): string {
  return (one.perSecond / other.perSecond).toFixed(2);
}
