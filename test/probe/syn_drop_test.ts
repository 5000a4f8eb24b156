import { expect } from "bun:test";
import { runInNamespace, testInNamespace } from "../kit/network_namespace.ts";

testInNamespace(
  "100 targets that drop every SYN hold few descriptors and delay nobody",
  async () => {
    const result = await runInNamespace(
      ["iptables -A INPUT -p tcp --dport 9 --syn -j DROP"],
      new URL("_syn_drop_scenario.ts", import.meta.url),
    );
    expect(result).toMatchObject({
      heldWhileConnecting: 100,
      heldAfterDeadline: 0,
      reasons: ["timeout"],
      healthyFailures: 0,
    });
    expect(result["mostHeld"]).toBeGreaterThan(100);
    // Two for each, and those that are just being let go of.
    expect(result["mostHeld"]).toBeLessThanOrEqual(210);
    expect(result["heldAfterClose"]).toBeLessThanOrEqual(0);
    // How many slots a busy machine lets pass is not the prober's doing; that it goes on asking is.
    expect(result["healthyProbes"]).toBeGreaterThanOrEqual(40);
  },
);
