import { test } from "bun:test";
import { apiTarget } from "../../sim/fuzz/api/api_target.ts";
import { expectUnharmed } from "./_campaign.ts";

test("1000 hostile requests leave the api as it was", async () => {
  await expectUnharmed(apiTarget, 1_000);
}, 120_000);
