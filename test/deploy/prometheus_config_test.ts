/** What operators are given for Prometheus is what Prometheus takes. */
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { needs } from "../kit/needs.ts";

const CONFIG = fileURLToPath(new URL("../../deploy/prometheus/prometheus.yml", import.meta.url));

test.skipIf(!needs("promtool"))("promtool accepts deploy/prometheus/prometheus.yml", () => {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["promtool", "check", "config", CONFIG]);
  expect(stdout.toString() + stderr.toString()).toContain("SUCCESS");
  expect(exitCode).toBe(0);
});
