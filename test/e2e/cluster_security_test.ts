/** Who gets into a cluster, and who may write: secrets, certificates, tokens and HTTPS, with the compiled binary. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { run, stopAll, temporaryDirectory, until } from "../kit/binary.ts";
import { type Certificate, TestAuthority } from "../kit/certificates.ts";
import { leaderOf, Monitor, rolesOf, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 60_000;
const ENDS = "20400101000000Z";

afterEach(stopAll);

const target = (name: string) => ({ name, url: "http://127.0.0.1:9/heartbeat" });

/** A file with a secret, or a token, of its own. */
async function secretFile(): Promise<{ readonly path: string; readonly secret: string }> {
  const path = join(temporaryDirectory(), "secret");
  const secret = randomBytes(32).toString("hex");
  await Bun.write(path, `${secret}\n`);
  return { path, secret };
}

/** All of them take writes, and the loss of the leader is survived. */
async function expectWorking(monitors: readonly Monitor[]): Promise<void> {
  for (const monitor of monitors) {
    expect((await monitor.put(target(`s-${monitor.id}`))).status).toBe(200);
  }
  const { leader, followers } = await rolesOf(monitors);
  await leader.end("SIGKILL");
  await leaderOf(followers);
  expect((await followers[0]!.put(target("t"))).status).toBe(200);
  leader.start();
  await untilWhole(monitors);
  expect(await leader.names()).toHaveLength(monitors.length + 1);
}

/** One of them is taken out, and is told so by the others. */
async function expectTold(monitors: readonly Monitor[]): Promise<void> {
  const { leader, followers } = await rolesOf(monitors);
  const [gone] = followers;
  const { status } = await leader.ask(`/cluster/members/${gone!.id}`, { method: "DELETE" });
  expect(status).toBe(200);
  await gone!.untilStatus("to be told", ({ standing }) => standing === "removed");
}

describe("--cluster-secret-file", () => {
  test(
    "three that have it work together; one with another, and one with none, are refused and say so",
    async () => {
      const [ours, other] = [await secretFile(), await secretFile()];
      const flags = [`--cluster-secret-file=${ours.path}`];
      const monitors = await startCluster(3, () => ({ flags }));
      await expectWorking(monitors);
      const { leader } = await rolesOf(monitors);
      const wrong = [`--cluster-secret-file=${other.path}`];
      const stranger = new Monitor({ id: "x", join: leader, flags: wrong }).start();
      await stranger.untilSays(/403: .*the cluster secret is not the same/u);
      const open = new Monitor({ id: "y", join: leader }).start();
      await open.untilSays(/403: .*uses a cluster secret, and y no authentication/u);
      // Neither does a member get back in that has lost it.
      const [, lost] = monitors.filter((monitor) => monitor !== leader);
      await lost!.end("SIGTERM");
      lost!.start(wrong);
      await lost!.untilSays(/cannot be reached: .*the cluster secret is not the same/u);
      await leader.untilSays(new RegExp(`${lost!.id}.*the cluster secret is not the same`, "u"));
      expect(await lost!.status()).toMatchObject({ quorum: false, leader: null });
      expect((await leader.status())!.members).toHaveLength(3);
      expect((await leader.put(target("u"))).status).toBe(200);
      await lost!.end("SIGTERM");
      lost!.start();
      await untilWhole(monitors);
      await expectTold(monitors);
      for (const monitor of monitors) expect(monitor.log).not.toContain(ours.secret);
    },
    LONG_MS,
  );

  test(
    "one that is too short is refused, and one that is not there",
    async () => {
      const path = join(temporaryDirectory(), "secret");
      const missing = new Monitor({ id: "a", flags: [`--cluster-secret-file=${path}`] }).start();
      expect(await missing.ended()).toBe(1);
      await Bun.write(path, "short\n");
      const short = new Monitor({ id: "a", flags: [`--cluster-secret-file=${path}`] }).start();
      expect(await short.ended()).toBe(1);
      await short.running.drained;
      expect(short.log).toStartWith(
        `phi: --cluster-secret-file ${path}: a secret has at least 16 bytes`,
      );
    },
    LONG_MS,
  );
});

describe("--peer-cert", () => {
  let authority: TestAuthority;
  beforeAll(() => {
    authority = new TestAuthority();
  });
  afterAll(() => authority.remove());

  const filesOf = ({ certPath }: Certificate, ca: Certificate = authority.own) => [
    `--peer-cert=${certPath}`,
    `--peer-key=${certPath.replace(/pem$/u, "key")}`,
    `--peer-ca=${ca.certPath}`,
  ];
  const signed = (name: string) => authority.signed(name, { names: `DNS:${name}`, ends: ENDS });

  test(
    "three with certificates of their names work together; one with another's is refused and says so",
    async () => {
      const monitors = await startCluster(3, (id) => ({ flags: filesOf(signed(id)) }));
      await expectWorking(monitors);
      const { leader } = await rolesOf(monitors);
      const thief = new Monitor({ id: "x", join: leader, flags: filesOf(signed("y")) }).start();
      await thief.untilSays(/403: .*the certificate of x is for y/u);
      const elsewhere = new TestAuthority();
      const foreign = elsewhere.signed("z", { names: "DNS:z", ends: ENDS });
      const stranger = new Monitor({ id: "z", join: leader, flags: filesOf(foreign) }).start();
      await stranger.untilSays(/403: .*could not be verified/u);
      elsewhere.remove();
      expect((await leader.status())!.members).toHaveLength(3);
      expect((await leader.put(target("u"))).status).toBe(200);
      await expectTold(monitors);
    },
    LONG_MS,
  );
});

test.each([
  "--raft-bind=0.0.0.0:7000 --raft-advertise=10.1.0.1:7000",
  "--raft-bind=10.1.0.1:7000",
  "--raft-bind=[::]:7000 --raft-advertise=10.1.0.1:7000",
  "--http-bind=0.0.0.0:8000",
])(
  "%s without credentials is misuse, and nothing listens or is written",
  async (flags) => {
    const directory = join(temporaryDirectory(), "data");
    const ended = await run(["monitor", `--datadir=${directory}`, ...flags.split(" ")]);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain("can be reached from other machines");
    expect(ended.stderr.trim().split("\n")).toHaveLength(1);
    expect(await Bun.file(join(directory, "raft.sqlite")).exists()).toBe(false);
  },
  LONG_MS,
);

describe("--api-token-file", () => {
  test(
    "whatever writes needs the token, joining too; reading does not",
    async () => {
      const { path, secret } = await secretFile();
      const flags = [`--api-token-file=${path}`];
      const monitors = await startCluster(2, () => ({ flags }));
      const [first, second] = monitors;
      const withToken = { authorization: `Bearer ${secret}` };
      expect((await second!.put(target("s"))).status).toBe(401);
      expect((await second!.put(target("s"), { authorization: "Bearer wrong" })).status).toBe(401);
      expect((await second!.put(target("s"), withToken)).status).toBe(200);
      expect(await first!.names()).toEqual(["s"]);
      // No waiting mends that: the start ends. With the token it goes on from there.
      const joiner = new Monitor({ id: "x", join: first! }).start();
      expect(await joiner.ended()).toBe(1);
      await joiner.running.drained;
      expect(joiner.log).toMatch(/^phi: cannot join: .*401: .*--api-token-file/mu);
      const other = join(temporaryDirectory(), "token");
      await Bun.write(other, `${randomBytes(32).toString("hex")}\n`);
      joiner.start([`--api-token-file=${other}`]);
      expect(await joiner.ended()).toBe(1);
      await joiner.running.drained;
      expect(joiner.log).toMatch(/^phi: cannot join: .*401: The token is not the one/mu);
      joiner.start(flags);
      await joiner.untilStatus("to be a member", ({ standing, quorum }) => {
        return standing === "member" && quorum;
      });
      const remove = (headers: Record<string, string>) =>
        first!.ask("/cluster/members/b", { method: "DELETE", headers });
      expect((await remove({})).status).toBe(401);
      expect((await first!.status())!.members).toHaveLength(3);
      expect((await remove(withToken)).status).toBe(200);
      for (const { log } of monitors) expect(log).not.toContain(secret);
    },
    LONG_MS,
  );
});

describe("--tls-cert", () => {
  test(
    "serves HTTPS alone, by which others join",
    async () => {
      const authority = new TestAuthority();
      const names = "IP:127.0.0.1";
      const { certPath } = authority.signed("api", { names, ends: ENDS });
      const [cert, caPem] = [certPath, authority.own.certPem];
      const https = { cert, key: certPath.replace(/pem$/u, "key"), caPem };
      const flags = [`--api-ca=${authority.own.certPath}`];
      const monitors = await startCluster(2, () => ({ https, flags }));
      expect((await monitors[1]!.put(target("s"))).status).toBe(200);
      expect(await monitors[0]!.names()).toEqual(["s"]);
      expect(monitors[0]!.log).toContain(`HTTP on https://127.0.0.1`);
      const plain = await until("plain HTTP to fail", () =>
        fetch(monitors[0]!.url.replace("https", "http")).then(
          ({ status }) => status,
          () => "no answer",
        ),
      );
      expect(plain).toBe("no answer");
      // Of an authority that it does not know, or under another name, no waiting helps.
      const [by] = monitors;
      const trusting = new Monitor({ id: "x", join: by!, env: { API_CA: authority.own.certPath } });
      const elsewhere = { url: by!.url.replace("127.0.0.1", "localhost") };
      const misled = new Monitor({ id: "y", join: elsewhere, flags });
      const ignorant = new Monitor({ id: "z", join: by! });
      for (const [monitor, why] of [
        [misled, "its certificate is for another name"],
        [ignorant, "its certificate is of an authority that is not trusted here"],
      ] as const) {
        expect(await monitor.start().ended()).toBe(1);
        await monitor.running.drained;
        expect(monitor.log).toContain(
          `phi: cannot join: ${monitor.options.join!.url}/cluster: ${why}`,
        );
        expect(monitor.log).toContain("--api-ca");
      }
      await trusting.start().untilStatus("to be in", ({ standing, quorum }) => {
        return standing === "member" && quorum;
      });
      authority.remove();
    },
    LONG_MS,
  );

  test(
    "the commands trust whom --api-ca or PHI_API_CA names, and without it say what is missing",
    async () => {
      const authority = new TestAuthority();
      const { certPath } = authority.signed("api", { names: "IP:127.0.0.1", ends: ENDS });
      const https = {
        cert: certPath,
        key: certPath.replace(/pem$/u, "key"),
        caPem: authority.own.certPem,
      };
      const [monitor] = await startCluster(1, () => ({ https }));
      const { url } = monitor!;
      const env = { PHI_API: url, PHI_API_CA: authority.own.certPath };
      const flags = ["--api", url, "--api-ca", authority.own.certPath];
      const file = join(temporaryDirectory(), "servers.yml");
      await Bun.write(file, 'servers: [{name: s, url: "http://127.0.0.1:9/heartbeat"}]\n');
      expect(await run(["apply", "-f", file], { env })).toMatchObject({ code: 0 });
      const listed = await run(["targets", "list", ...flags]);
      expect([listed.code, listed.stdout]).toEqual([0, expect.stringContaining("s ")]);
      const saved = await run(["backup"], { env });
      expect([saved.code, saved.stdout]).toEqual([0, expect.stringContaining("name: s")]);
      const restored = await run(["restore", file, "--yes", ...flags]);
      expect(restored).toMatchObject({ code: 0 });
      expect(await run(["health", `${url}/healthz`], { env })).toMatchObject({ code: 0 });
      const ignorant = await run(["targets", "list", "--api", url]);
      expect(ignorant.code).toBe(1);
      expect(ignorant.stderr).toContain(
        "its certificate is of an authority that is not trusted here; --api-ca FILE names whom to trust",
      );
      // In a container: nothing but the variables that the monitor itself has.
      const own = { HTTP_BIND: new URL(url).host, TLS_CERT: certPath };
      expect(await run(["health"], { env: own })).toMatchObject({ code: 0 });
      const asked = await run(["health", `${url}/healthz`]);
      expect([asked.code, asked.stderr]).toEqual([1, expect.stringContaining("--api-ca")]);
      const none = await run(["targets", "list", "--api", url, "--api-ca", file]);
      expect(none).toMatchObject({
        code: 2,
        stderr: `phi: --api-ca: ${file}: it holds no PEM certificate\n`,
      });
      authority.remove();
    },
    LONG_MS,
  );
});
