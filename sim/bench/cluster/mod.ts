/** What `make bench` says of a cluster: its leader's loss, config writes beside etcd's, joining, a pause. */
import type { BenchRow } from "../row.ts";
import { benchConfigWrites } from "./config_writes.ts";
import { benchJoining } from "./joining.ts";
import { benchLeaderLoss } from "./leader_loss.ts";
import { benchPause } from "./pause.ts";

export async function benchCluster(): Promise<BenchRow[]> {
  // One after the other: they must not disturb each other.
  const loss = await benchLeaderLoss();
  const writes = await benchConfigWrites();
  const joining = await benchJoining();
  return [...loss, ...writes, ...joining, ...(await benchPause())];
}
