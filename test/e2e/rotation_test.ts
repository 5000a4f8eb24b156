/** What docs/operations.md says of rotating secrets and certificates, done to a cluster that is at work. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { stopAll, temporaryDirectory } from "../kit/binary.ts";
import { TestAuthority } from "../kit/certificates.ts";
import { type Monitor, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 120_000;
const ENDS = "20400101000000Z";
const IDS = ["a", "b", "c"] as const;

afterEach(stopAll);

const target = (name: string) => ({ name, url: "http://127.0.0.1:9/heartbeat" });

/** Ends one in good order and starts it again, with what its files say by now. */
async function restart(monitor: Monitor): Promise<void> {
  expect(await monitor.end("SIGTERM")).toBe(0);
  monitor.start();
}

const signedBy = (authority: TestAuthority) =>
  new Map(
    IDS.map((id) => [id as string, authority.signed(id, { names: `DNS:${id}`, ends: ENDS })]),
  );

describe("mutual TLS", () => {
  const [old, next] = [new TestAuthority(), new TestAuthority()];
  let certificates = new Map<TestAuthority, ReturnType<typeof signedBy>>();

  beforeAll(() => {
    certificates = new Map([old, next].map((authority) => [authority, signedBy(authority)]));
  });
  afterAll(() => {
    for (const authority of [old, next]) authority.remove();
  });

  test(
    "another authority comes in three rounds, and the cluster is whole after each restart",
    async () => {
      const folder = temporaryDirectory();
      const file = (id: string, what: string) => join(folder, `${id}.${what}`);
      const write = async (id: string, signer: TestAuthority, ...trusted: TestAuthority[]) => {
        const { certPem, keyPem } = certificates.get(signer)!.get(id)!;
        await Bun.write(file(id, "pem"), certPem);
        await Bun.write(file(id, "key"), keyPem);
        await Bun.write(file(id, "ca"), trusted.map(({ own }) => own.certPem).join(""));
      };
      for (const id of IDS) await write(id, old, old);
      const monitors = await startCluster(3, (id) => ({
        flags: [
          `--peer-cert=${file(id, "pem")}`,
          `--peer-key=${file(id, "key")}`,
          `--peer-ca=${file(id, "ca")}`,
        ],
      }));
      const rounds = [
        [old, old, next],
        [next, old, next],
        [next, next],
      ] as const;
      let count = 0;
      for (const [signer, ...trusted] of rounds) {
        for (const monitor of monitors) {
          await write(monitor.id, signer, ...trusted);
          await restart(monitor);
          await untilWhole(monitors);
          expect((await monitors[0]!.put(target(`t${count++}`))).status).toBe(200);
        }
      }
      expect(await monitors[2]!.names()).toHaveLength(9);
    },
    LONG_MS,
  );
});

describe("--cluster-secret-file", () => {
  test(
    "another secret comes with one restart of each; from the second on there is a quorum again",
    async () => {
      const path = join(temporaryDirectory(), "secret");
      const newSecret = () => Bun.write(path, randomBytes(32).toString("hex"));
      await newSecret();
      const monitors = await startCluster(3, () => ({ flags: [`--cluster-secret-file=${path}`] }));
      const [first, second, third] = monitors;
      expect((await first!.put(target("before"))).status).toBe(200);
      await newSecret();
      await restart(first!);
      // The two who have the old one still are a majority.
      await second!.untilStatus("to write without the first", ({ quorum }) => quorum);
      expect((await third!.put(target("between"))).status).toBe(200);
      await restart(second!);
      await second!.untilStatus("to write with the first", ({ quorum }) => quorum);
      expect((await first!.put(target("then"))).status).toBe(200);
      await restart(third!);
      await untilWhole(monitors);
      expect(await third!.names()).toEqual(["before", "between", "then"]);
    },
    LONG_MS,
  );
});
