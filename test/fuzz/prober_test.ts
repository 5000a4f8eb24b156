import { test } from "bun:test";
import { proberTarget } from "../../sim/fuzz/prober/prober_target.ts";
import { expectUnharmed } from "./_campaign.ts";

test("10000 hostile answers leave the prober as it was", async () => {
  await expectUnharmed(proberTarget, 10_000);
}, 120_000);
