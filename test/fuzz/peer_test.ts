import { test } from "bun:test";
import { peerTarget } from "../../sim/fuzz/peer/peer_target.ts";
import { expectUnharmed } from "./_campaign.ts";

test("3000 hostile messages leave the peer as it was", async () => {
  await expectUnharmed(peerTarget, 3000);
}, 120_000);
