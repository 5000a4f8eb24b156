/**
 * deploy/systemd/phi.service under a real systemd, in a container that borrows this machine's /usr. A system call
 * that the unit forbids is deadly here and not just refused, so that none is made unseen.
 */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { BINARY, PROJECT, until } from "../kit/binary.ts";
import { needs } from "../kit/needs.ts";
import { done, run } from "./_daemon.ts";

const LONG_MS = 120_000;
const NAME = `phi-systemd-${process.pid}`;
const IMAGE = "phi-systemd:test";

/** A root of its own around /usr: no services but systemd's own few, and nothing of this machine's /etc. */
const MAKE_ROOT = `
set -eu
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
cd "$root"
mkdir -p etc/systemd/system etc/sysusers.d var/lib var/log run tmp proc sys dev usr root src opt
for directory in bin sbin lib lib64; do ln -s usr/$directory $directory; done
printf 'root:x:0:0:root:/root:/bin/sh\\n' >etc/passwd
printf 'root:x:0:\\n' >etc/group
printf 'passwd: files\\ngroup: files\\nhosts: files dns\\n' >etc/nsswitch.conf
: >etc/machine-id
ln -s /lib/systemd/system/multi-user.target etc/systemd/system/default.target
for unit in systemd-networkd.service systemd-resolved.service systemd-timesyncd.service systemd-udevd.service \\
  systemd-udev-trigger.service systemd-logind.service console-getty.service dbus.service dbus.socket \\
  systemd-udevd-control.socket systemd-udevd-kernel.socket getty.target dev-hugepages.mount \\
  sys-kernel-debug.mount sys-kernel-tracing.mount; do ln -s /dev/null etc/systemd/system/$unit; done
tar -cf - . | docker import - ${IMAGE} >/dev/null
`;

/** What systemd needs to be one, and no more than a container here can be given. */
const RUN = [
  ...["SYS_ADMIN", "NET_ADMIN", "SYS_PTRACE", "SYS_NICE", "SETPCAP", "MKNOD"].map(
    (name) => `--cap-add=${name}`,
  ),
  "--security-opt=seccomp=unconfined",
  "--security-opt=apparmor=unconfined",
  "--tmpfs=/run:exec",
  "--tmpfs=/tmp",
  "--env=container=docker",
  "--network=none",
  "--volume=/usr:/usr:ro",
  `--volume=${PROJECT}deploy/systemd:/src:ro`,
  `--volume=${BINARY}:/opt/phi:ro`,
  "--volume=/sys/fs/cgroup:/sys/fs/cgroup:ro",
];

/** /usr is not ours to write to; and a container may not be spared when memory is short. */
const INSTALL = `
set -eu
install -m 644 /src/phi.sysusers /etc/sysusers.d/phi.conf && systemd-sysusers
install -m 644 /src/phi.service /etc/systemd/system/
install -d -m 750 -g phi /etc/phi
install -m 640 -g phi /src/phi.env /etc/phi/
printf 'CONFIG=/etc/phi/servers.yml\\nALLOW_NET=127.0.0.0/8\\n' >>/etc/phi/phi.env
printf 'servers: [{name: a, url: "http://localhost:8081/heartbeat"}]\\n' >/etc/phi/servers.yml
chgrp phi /etc/phi/servers.yml && chmod 640 /etc/phi/servers.yml
mkdir /etc/systemd/system/phi.service.d
printf '[Service]\\nExecStart=\\nExecStart=/opt/phi monitor\\nOOMScoreAdjust=0\\nSystemCallErrorNumber=kill\\n' \\
  >/etc/systemd/system/phi.service.d/test.conf
systemctl daemon-reload
`;

const shell = (script: string) => done(["docker", "exec", NAME, "/bin/sh", "-c", script]);
const property = (name: string) => shell(`systemctl show phi --value --property=${name}`);
/** "" while it does not answer. */
async function targets(): Promise<string> {
  const api = ["--api", "http://127.0.0.1:8000"];
  return (await run(["docker", "exec", NAME, "/opt/phi", "targets", "list", ...api])).stdout;
}

beforeAll(async () => {
  needs("systemctl");
  await done(["/bin/sh", "-c", MAKE_ROOT]);
  await done([
    "docker",
    "run",
    "--detach",
    `--name=${NAME}`,
    ...RUN,
    IMAGE,
    "/lib/systemd/systemd",
  ]);
  await until("systemd to be up", async () => {
    const { stdout } = await run(["docker", "exec", NAME, "systemctl", "is-system-running"]);
    return /running|degraded/u.test(stdout) ? true : undefined;
  });
  await shell(INSTALL);
  await done(["docker", "exec", "--detach", NAME, "/opt/phi", "sim", "--port=8081"]);
}, LONG_MS);

afterAll(async () => {
  await run(["docker", "rm", "--force", "--volumes", NAME]);
  await run(["docker", "rmi", IMAGE]);
});

describe("phi.service", () => {
  test(
    "runs, watches, and is as shut in as it says",
    async () => {
      await shell("systemctl start phi");
      await until("the target to be up", async () =>
        /^a +up /mu.test(await targets()) ? true : undefined,
      );
      const status = await shell(`cat /proc/${await property("MainPID")}/status`);
      expect(status).toMatch(/^Seccomp:\s+2$/mu);
      expect(status).toMatch(/^NoNewPrivs:\s+1$/mu);
      expect(status).toMatch(/^CapBnd:\s+0+$/mu);
      expect(status).not.toMatch(/^Uid:\s+0\s/mu);
      const metrics = await shell("curl --silent http://127.0.0.1:9000/metrics");
      expect(metrics).toMatch(/^process_open_fds [1-9]/mu);
      expect(metrics).toMatch(/^process_resident_memory_bytes [1-9]/mu);
    },
    LONG_MS,
  );

  test(
    "reload reads the file again; stop ends it in good order, and a start finds its data",
    async () => {
      await shell(`printf 'servers: [{name: b, url: "push:"}]\\n' >/etc/phi/servers.yml`);
      await shell("systemctl reload phi");
      await until("the new target", async () => (/^b /mu.test(await targets()) ? true : undefined));
      await shell("systemctl stop phi");
      expect(await property("Result")).toBe("success");
      expect(await property("ExecMainStatus")).toBe("0");
      await shell("systemctl start phi");
      await until("both targets", async () =>
        /^a .*^b /msu.test(await targets()) ? true : undefined,
      );
    },
    LONG_MS,
  );

  test(
    "killed it comes back, misused it does not",
    async () => {
      await shell("systemctl kill --signal=KILL phi");
      await until("a restart", async () =>
        (await property("NRestarts")) === "1" ? true : undefined,
      );
      await until(
        "it to watch again",
        async () =>
          (await run(["docker", "exec", NAME, "/opt/phi", "health"])).code === 0 || undefined,
      );
      await shell("printf 'IDENTIFIER=no name\\n' >>/etc/phi/phi.env; systemctl restart phi");
      await until("it to fail", async () =>
        (await property("ActiveState")) === "failed" ? true : undefined,
      );
      expect(await property("ExecMainStatus")).toBe("2");
    },
    LONG_MS,
  );
});
