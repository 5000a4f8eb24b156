import { expect } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInNamespace, testInNamespace } from "../kit/network_namespace.ts";

testInNamespace(
  "what cannot be reached is not called refused, and who is to blame is said",
  async () => {
    const result = await runInNamespace(
      [
        "ip link add veth0 type veth peer name veth1",
        "ip addr add 10.77.0.1/24 dev veth0",
        "ip link set veth0 up",
        "ip link set veth1 up",
        "ip route add unreachable 10.88.0.0/24",
        "ip route add prohibit 10.89.0.0/24",
        "ulimit -n 100",
      ],
      new URL("_unreachable_scenario.ts", import.meta.url),
    );
    expect(result).toEqual({
      noRoute: "unreachable",
      noRoute6: "unreachable",
      unreachableRoute: "unreachable",
      prohibited: "unreachable",
      deadNeighbour: "unreachable",
      closedPort: "refused",
      noDescriptor: "unreachable: 127.0.0.1:9 cannot be reached: EMFILE (connecting)",
    });
  },
);

testInNamespace("a name server that never answers stops no other look-up and no file", async () => {
  const folder = mkdtempSync(join(tmpdir(), "phi-resolv-"));
  const path = join(folder, "resolv.conf");
  writeFileSync(path, "nameserver 127.0.0.1\n");
  const result = await runInNamespace(
    [`mount --bind ${path} /etc/resolv.conf`],
    new URL("_dead_name_server_scenario.ts", import.meta.url),
  );
  rmSync(folder, { recursive: true });
  expect(result).toEqual({
    wasAsked: true,
    meanwhile: "ok",
    hanging: ["timeout"],
    isResolving: true,
  });
});
