/**
 * Where a monitor that asks to be let in may be: `POST /cluster/join` has this one connect to an address that anybody
 * who may write chooses, and says what came of it.
 */
import { allowedAmong } from "../../net_policy/mod.ts";
import type { AdmitAddresses } from "../../peer/mod.ts";
import type { NetOptions } from "../net_options.ts";

export function makeAdmitJoiner({ policy }: Pick<NetOptions, "policy">): AdmitAddresses {
  return ({ host, port }, ips) => allowedAmong(ips, (ip) => policy.checkPeer(host, ip, port));
}
