/**
 * The short form of a campaign, for the tests: fixed seeds, a few seconds. It ends with the sockets that it began
 * with and has reached what it attacks, like the long one; its memory is not judged, since that takes more rounds.
 */
import { expect } from "bun:test";
import { runCampaign } from "../../sim/fuzz/campaign.ts";
import type { FuzzTarget } from "../../sim/fuzz/fuzz_target.ts";

/** Ends the rounds where a machine is very slow; the cases that are missing are a finding. */
const SECONDS = 100;
const BASE_SEED = 7_000;

/** Attacks `target`, and expects nothing to be wrong with it. */
export async function expectUnharmed(target: FuzzTarget, count: number): Promise<void> {
  const result = await runCampaign(target, { base: BASE_SEED, count, seconds: SECONDS });
  expect(result.findings).toEqual([]);
}
