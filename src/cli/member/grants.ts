/** What it takes to make a monitor a member of its cluster. */
import type { PeerTls } from "../../bun/mod.ts";
import type { JoinGrants } from "../../cluster/mod.ts";
import type { AdmitAddresses, PeerCrypto, PeerSockets } from "../../peer/mod.ts";
import type { Clock, Random } from "../../port.ts";
import type { OpenStorage } from "./data_directory.ts";

export interface MemberGrants extends Pick<JoinGrants, "fetch" | "timers" | "signal"> {
  readonly clock: Clock;
  readonly random: Random;
  readonly openRaftStorage: OpenStorage;
  readonly createPeerSockets: (tls?: PeerTls) => PeerSockets;
  readonly peerCrypto: PeerCrypto;
  /** Where a monitor that asks to be let in may be. */
  readonly admitJoiner: AdmitAddresses;
  /** Seconds that the disk took for a batch of writes. */
  readonly onSync: (seconds: number) => void;
  /** Seconds from a write's arrival here to its outcome. */
  readonly onCommit: (seconds: number) => void;
  readonly tell: Tell;
}

/** Says a line in the log. */
export type Tell = (level: "info" | "warning" | "error", line: string) => void;
