import { test } from "bun:test";
import { apiTarget } from "../../sim/fuzz/api/api_target.ts";
import { expectUnharmed } from "./_campaign.ts";

test("3000 hostile requests leave the api as it was", async () => {
  await expectUnharmed(apiTarget, 3000);
}, 120_000);
