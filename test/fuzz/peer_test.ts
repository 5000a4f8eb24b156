import { test } from "bun:test";
import { peerTarget } from "../../sim/fuzz/peer/peer_target.ts";
import { expectUnharmed } from "./_campaign.ts";

test("2000 hostile messages leave the peer as it was", async () => {
  await expectUnharmed(peerTarget, 2_000);
}, 120_000);
