/** Who belongs to a cluster of real monitors: removed, replaced, moved, refused, alone. */
import { afterEach, describe, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { open, rm } from "node:fs/promises";
import { join } from "node:path";
import { freePorts } from "../../sim/free_ports.ts";
import { run, stopAll, temporaryDirectory, until } from "../kit/binary.ts";
import { leaderOf, Monitor, rolesOf, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 60_000;

afterEach(stopAll);

const target = (name: string) => ({ name, url: "http://127.0.0.1:9/heartbeat" });

const remove = (by: Monitor, { id }: Monitor) =>
  by.ask(`/cluster/members/${id}`, { method: "DELETE" });

const untilGone = (at: Monitor, { id }: Monitor) =>
  at.untilStatus(`${id} to be gone`, ({ members }) => members.every((each) => each.id !== id));

const untilAddress = (at: Monitor, { id, address }: Monitor) =>
  at.untilStatus(`${id} to be at ${address}`, ({ members, quorum }) =>
    members.some((each) => quorum && each.id === id && each.address === address),
  );

/** It knows that it was removed, says so everywhere, and decides nothing any more. */
async function expectRemoved(gone: Monitor): Promise<void> {
  await gone.untilStatus("to know", ({ standing, quorum }) => standing === "removed" && !quorum);
  const said = "this monitor was removed from its cluster";
  await gone.untilSays(new RegExp(said, "u"));
  const ready = await gone.ask("/readyz");
  expect(ready).toMatchObject({ status: 200, body: { standing: "removed", quorum: false } });
  expect(ready.body["detail"]).toContain("was removed from its cluster");
  const write = await gone.put(target("u"));
  expect(write).toMatchObject({ status: 503, body: { type: "urn:phi:problem:write_failed" } });
  expect(write.body["detail"]).toContain(said);
  expect((await gone.ask("/config")).body["detail"]).toContain(said);
  expect(await remove(gone, gone)).toMatchObject({ status: 409 });
  const joiner = new Monitor({ id: "late", join: gone }).start();
  expect(await joiner.ended()).toBe(1);
  await joiner.running.drained;
  expect(joiner.log).toContain(`409: The member was not added: ${said}`);
  expect(gone.log.split(said)).toHaveLength(2);
}

describe("DELETE /cluster/members/:id", () => {
  test(
    "takes a follower out, which goes on watching and says that it was removed, after a restart too",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [gone, stays] = [followers[0]!, followers[1]!];
      expect((await leader.put(target("s"))).status).toBe(200);
      expect(await gone.names()).toEqual(["s"]);
      expect(await remove(stays, gone)).toMatchObject({ status: 200, body: { removed: gone.id } });
      await untilGone(leader, gone);
      await untilGone(stays, gone);
      expect((await stays.put(target("t"))).status).toBe(200);
      await expectRemoved(gone);
      expect(await gone.names("?stale=true")).toEqual(["s"]);
      expect(await remove(stays, gone)).toMatchObject({ status: 404 });
      await gone.end("SIGTERM");
      gone.start();
      await expectRemoved(gone);
      for (const other of [leader, stays]) {
        expect(await other.status()).toMatchObject({ standing: "member", quorum: true });
        expect(other.log).not.toContain("this monitor was removed");
      }
    },
    LONG_MS,
  );

  test(
    "takes the leader out by its own hand, and another leads",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      expect((await remove(leader, leader)).status).toBe(200);
      const next = await leaderOf(followers);
      await untilGone(next, leader);
      expect((await followers[0]!.put(target("s"))).status).toBe(200);
      expect((await followers[1]!.put(target("t"))).status).toBe(200);
      await expectRemoved(leader);
    },
    LONG_MS,
  );

  test(
    "without a quorum does not say that nothing was done: it may yet be",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [gone, stays] = [followers[0]!, followers[1]!];
      for (const { running } of followers) running.signal("SIGSTOP");
      const { status, headers, body } = await remove(leader, gone);
      expect({ status, retryAfter: headers.get("retry-after") }).toEqual({
        status: 503,
        retryAfter: "1",
      });
      expect(body["detail"]).toContain("may not have been removed");
      for (const { running } of followers) running.signal("SIGCONT");
      await untilGone(stays, gone);
      await untilGone(leader, gone);
    },
    LONG_MS,
  );

  test(
    "refuses to take out the last one, and who is not there",
    async () => {
      const [alone] = await startCluster(1);
      expect((await remove(alone!, alone!)).status).toBe(409);
      const unknown = await alone!.ask("/cluster/members/x", { method: "DELETE" });
      expect(unknown.status).toBe(404);
      expect((await alone!.put(target("s"))).status).toBe(200);
    },
    LONG_MS,
  );
});

describe("a member whose data is lost", () => {
  test(
    "is refused under its old id, and replaced under a new one",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [lost, other] = [followers[0]!, followers[1]!];
      await leader.put(target("s"));
      await lost.end("SIGKILL");
      await rm(lost.directory, { recursive: true });
      const again = new Monitor({ id: lost.id, join: leader }).start();
      expect(await again.ended()).toBe(1);
      await again.running.drained;
      expect(again.log).toMatch(
        /"\w" is a member of that cluster already, and .* take another --id/u,
      );
      expect(existsSync(join(again.directory, "raft.sqlite"))).toBe(false);
      expect((await remove(leader, lost)).status).toBe(200);
      const next = new Monitor({ id: "d", join: other }).start();
      await untilWhole([leader, other, next]);
      expect(await next.names()).toEqual(["s"]);
      await leader.end("SIGKILL");
      await leaderOf([other, next]);
      expect((await next.put(target("t"))).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "is refused if it is damaged, with what to do, and replaced",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [damaged, other] = [followers[0]!, followers[1]!];
      await leader.put(target("s"));
      await damaged.end("SIGTERM");
      const file = await open(join(damaged.directory, "raft.sqlite"), "r+");
      const { size } = await file.stat();
      await file.write(Buffer.alloc(64, 0xff), 0, 64, Math.floor(size / 2));
      await file.write(Buffer.alloc(64, 0xff), 0, 64, size - 64);
      await file.close();
      damaged.start();
      expect(await damaged.ended()).toBe(1);
      await damaged.running.drained;
      expect(damaged.log).toContain("Do not repair it");
      expect(damaged.log).toContain("empty data directory, a new id and --join");
      expect((await remove(leader, damaged)).status).toBe(200);
      const next = new Monitor({ id: "d", join: leader }).start();
      await untilWhole([leader, other, next]);
      expect(await next.names()).toEqual(["s"]);
    },
    LONG_MS,
  );

  test(
    "comes from another cluster: the two refuse each other and say so",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      await followers[0]!.end("SIGTERM");
      const stranger = new Monitor({ id: followers[0]!.id });
      stranger.raftPort = followers[0]!.raftPort;
      stranger.start();
      await stranger.untilStatus("to lead alone", ({ quorum }) => quorum);
      await leader.untilSays(/belongs to cluster \w+, and/u);
      expect((await leader.put(target("s"))).status).toBe(200);
      expect(await stranger.names()).toEqual([]);
    },
    LONG_MS,
  );
});

describe("a member that is reached elsewhere", () => {
  test.each(["follower", "leader"] as const)(
    "moves, if it was a %s: it becomes current, and all know where it is",
    async (which) => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const moved = which === "leader" ? leader : followers[0]!;
      const others = monitors.filter((monitor) => monitor !== moved);
      await moved.end("SIGTERM");
      await leaderOf(others);
      expect((await others[0]!.put(target("s"))).status).toBe(200);
      moved.raftPort = freePorts(1)[0]!;
      moved.start();
      for (const monitor of monitors) await untilAddress(monitor, moved);
      await untilWhole(monitors);
      expect(await moved.names()).toEqual(["s"]);
      // It counts: with it, and without another, there is a quorum.
      await others[0]!.end("SIGKILL");
      await leaderOf([moved, others[1]!]);
      expect((await moved.put(target("t"))).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "moves, if it is alone",
    async () => {
      const [alone] = await startCluster(1);
      await alone!.put(target("s"));
      await alone!.end("SIGKILL");
      alone!.raftPort = freePorts(1)[0]!;
      alone!.start();
      await untilAddress(alone!, alone!);
      expect(await alone!.names()).toEqual(["s"]);
    },
    LONG_MS,
  );
});

describe("one monitor", () => {
  test(
    "looks for a joiner nowhere where none can be, and says so",
    async () => {
      const [alone] = await startCluster(1);
      const asked = (address: string) =>
        alone!.ask("/cluster/join", {
          method: "POST",
          headers: { "content-type": "application/json" },
          body: JSON.stringify({ id: "x", address }),
        });
      // Leads to the loopback, so that nothing else is dialled if this is dialled after all.
      const unspecified = `[::ffff:0.0.0.0]:${freePorts(1)[0]!}`;
      const metadata = "169.254.169.254:80";
      for (const [address, why] of [
        [unspecified, "is an unspecified address"],
        [metadata, "169.254.169.254 is the address of a cloud's metadata service"],
      ] as const) {
        const { status, body } = await asked(address);
        expect([status, body["detail"]]).toEqual([403, expect.stringContaining(why)]);
      }
      expect((await alone!.status())!.members).toHaveLength(1);
    },
    LONG_MS,
  );

  test(
    "with --datadir :memory: works, and keeps nothing",
    async () => {
      const alone = new Monitor({ id: "a", directory: ":memory:" });
      alone.start();
      await alone.untilStatus("to lead", ({ role, quorum }) => role === "leader" && quorum);
      expect((await alone.put(target("s"))).status).toBe(200);
      expect(await alone.names()).toEqual(["s"]);
      expect(existsSync(":memory:")).toBe(false);
      await alone.end("SIGTERM");
      alone.start();
      await alone.untilStatus("to lead", ({ role }) => role === "leader");
      expect(await alone.names()).toEqual([]);
    },
    LONG_MS,
  );

  test(
    "a directory that is in use is refused with a line",
    async () => {
      const [alone] = await startCluster(1);
      const second = new Monitor({ id: "a", directory: alone!.directory }).start();
      expect(await second.ended()).toBe(1);
      await second.running.drained;
      expect(second.log.trim().split("\n")).toEqual([
        `phi: ${alone!.directory} is in use. Stop the process that uses it, or take another data directory`,
      ]);
      expect((await alone!.put(target("s"))).status).toBe(200);
    },
    LONG_MS,
  );

  test(
    "a port for peers that is in use is refused with a line that says what to do",
    async () => {
      const [alone] = await startCluster(1);
      const second = new Monitor({ id: "b" });
      second.raftPort = alone!.raftPort;
      expect(await second.start().ended()).toBe(1);
      await second.running.drained;
      expect(second.log.trim().split("\n")).toEqual([
        `phi: cannot listen for peers on ${second.address}: the port is in use; choose another with --raft-bind`,
      ]);
      // It has not founded a cluster of its own, which a start with --join would go on with.
      expect(existsSync(second.directory)).toBe(false);
    },
    LONG_MS,
  );

  test(
    "keeps its store over a --config that differs, and says how it differs",
    async () => {
      const directory = temporaryDirectory();
      const [before, after] = [join(directory, "before.yml"), join(directory, "after.yml")];
      const url = "http://127.0.0.1:9/heartbeat";
      const line = (name: string, more = "") => `  - {name: ${name}, url: "${url}"${more}}\n`;
      await Bun.write(before, `servers:\n${line("kept")}${line("changed")}${line("gone")}`);
      const alone = new Monitor({ id: "a" }).start([`--config=${before}`]);
      await alone.untilStatus("to lead", ({ role }) => role === "leader");
      expect(await alone.names()).toEqual(["kept", "changed", "gone"]);
      expect(alone.log).not.toContain("differs");
      await alone.end("SIGTERM");
      alone.start([`--config=${before}`]);
      await alone.untilSays(/is of cluster/u);
      await alone.end("SIGTERM");
      expect(alone.log).not.toContain("differs");
      const other = line("changed", ", intervalMillis: 3000");
      await Bun.write(after, `servers:\n${line("kept")}${other}${line("new")}`);
      alone.start([`--config=${after}`]);
      const said = await alone.untilSays(/.*differs from the config that is kept.*/u);
      expect(said).toContain("only in the file: new; different in the file: changed");
      expect(said).toContain("not in the file: gone");
      expect(await alone.names()).toEqual(["kept", "changed", "gone"]);
      const { body } = await alone.ask("/config/changed");
      expect(body["intervalMillis"]).toBe(1_000);
      // Nor does a file that is wrong, or gone, keep it from watching what it has.
      await alone.end("SIGTERM");
      await Bun.write(after, "servers:\n  - {name: kept}\n");
      alone.start([`--config=${after}`]);
      await alone.untilSays(/after\.yml:2: .*url: is missing.*; the config that is kept stays/u);
      expect(await alone.names()).toEqual(["kept", "changed", "gone"]);
      await alone.end("SIGTERM");
      alone.start([`--config=${join(directory, "nowhere.yml")}`]);
      await alone.untilSays(/nowhere\.yml: cannot be read.*; the config that is kept stays/u);
      expect(await alone.names()).toEqual(["kept", "changed", "gone"]);
    },
    LONG_MS,
  );
});

test(
  "`phi targets` works against each member",
  async () => {
    const monitors = await startCluster(3);
    for (const { url, id } of monitors) {
      const added = await run([
        "targets",
        "add",
        `s-${id}`,
        "http://127.0.0.1:9/heartbeat",
        "--api",
        url,
      ]);
      expect(added).toMatchObject({ code: 0, stdout: `watching s-${id}\n` });
    }
    for (const { url } of monitors) {
      await until("all to be listed", async () => {
        const { stdout } = await run(["targets", "list", "--api", url]);
        return ["s-a", "s-b", "s-c"].every((name) => stdout.includes(name)) ? true : undefined;
      });
    }
    for (const { url, id } of monitors) {
      const removed = await run(["targets", "remove", `s-${id}`, "--api", url]);
      expect(removed).toMatchObject({ code: 0, stdout: `no longer watching s-${id}\n` });
    }
    expect(await monitors[0]!.names()).toEqual([]);
  },
  LONG_MS,
);
