/** What people run against a cluster of real monitors: apply, SIGHUP, backup, restore, recover, and a later version's data. */
import { afterEach, describe, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { run, stopAll, temporaryDirectory } from "../kit/binary.ts";
import { Monitor, rolesOf, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 60_000;

afterEach(stopAll);

const target = (name: string) => ({ name, url: "http://127.0.0.1:9/heartbeat" });

/** A config file, with an interval that is not the default where one is given. */
async function write(path: string, names: readonly string[], intervalMillis = 1_000) {
  const servers = names.map((name) => ({ ...target(name), intervalMillis }));
  await Bun.write(path, JSON.stringify({ servers }));
  return path;
}

describe("phi apply", () => {
  test(
    "shows with --dry-run, adds and changes, deletes with --prune, by way of any member",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      for (const name of ["s1", "s2"]) await leader.put(target(name));
      const file = await write(join(temporaryDirectory(), "servers.json"), ["s2", "s3"], 2_000);
      const apply = (by: Monitor, ...flags: string[]) =>
        run(["apply", "-f", file, "--api", by.url, ...flags]);
      const shown = await apply(followers[0]!, "--dry-run", "--prune");
      expect([shown.code, shown.stdout]).toEqual([
        0,
        expect.stringMatching(
          /^\+ s3 .*\n~ s2 .*\n- s1\nwould be 1 added, 1 changed, 1 deleted\n$/u,
        ),
      ]);
      expect(await leader.names()).toEqual(["s1", "s2"]);
      expect((await apply(followers[0]!)).stdout).toContain("1 added, 1 changed, 0 deleted");
      expect(await leader.names()).toEqual(["s1", "s2", "s3"]);
      expect((await apply(followers[1]!, "--prune")).stdout).toContain("0 changed, 1 deleted");
      for (const monitor of monitors) expect(await monitor.names()).toEqual(["s2", "s3"]);
      const none = await write(join(temporaryDirectory(), "none.json"), []);
      const emptied = await run(["apply", "-f", none, "--prune", "--api", leader.url]);
      expect([emptied.code, emptied.stderr]).toEqual([2, expect.stringContaining("--allow-empty")]);
      expect(await leader.names()).toEqual(["s2", "s3"]);
    },
    LONG_MS,
  );
});

describe("SIGHUP", () => {
  test(
    "at a follower applies its --config to the whole cluster; a file that is wrong changes nothing",
    async () => {
      const file = await write(join(temporaryDirectory(), "servers.json"), ["s1"]);
      const monitors = await startCluster(3, () => ({ flags: [`--config=${file}`] }));
      const { leader, followers } = await rolesOf(monitors);
      await leader.put(target("other"));
      await write(file, ["s1", "s2"], 3_000);
      followers[0]!.running.signal("SIGHUP");
      await followers[0]!.untilSays(/SIGHUP: what the file says is in the config, revision 3/u);
      expect(await leader.names()).toEqual(["s1", "other", "s2"]);
      expect((await leader.ask("/config/s1")).body["intervalMillis"]).toBe(3_000);
      await Bun.write(file, '{"servers": [{"name": "s1"}]}');
      followers[1]!.running.signal("SIGHUP");
      await followers[1]!.untilSays(/SIGHUP: nothing has changed: .*url: is missing/u);
      expect(await followers[1]!.names()).toEqual(["s1", "other", "s2"]);
    },
    LONG_MS,
  );
});

describe("phi backup and phi restore", () => {
  test(
    "bring a cluster back to what it was; without a quorum --stale shows what one monitor has",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [first, second] = followers;
      for (const name of ["s1", "s2"]) await leader.put(target(name));
      const file = join(temporaryDirectory(), "backup.yml");
      expect((await run(["backup", "-o", file, "--api", first!.url])).code).toBe(0);
      expect((await leader.ask("/config/s1", { method: "DELETE" })).status).toBe(200);
      await leader.put(target("later"));
      const asked = await run(["restore", file, "--api", second!.url]);
      expect([asked.code, asked.stderr]).toEqual([2, expect.stringContaining("add --yes")]);
      expect(await leader.names()).toEqual(["s2", "later"]);
      expect((await run(["restore", file, "--yes", "--api", second!.url])).code).toBe(0);
      expect((await leader.names()).toSorted()).toEqual(["s1", "s2"]);
      for (const { running } of [leader, second!]) running.signal("SIGSTOP");
      const refused = await run(["backup", "--api", first!.url]);
      expect([refused.code, refused.stdout]).toEqual([1, ""]);
      const stale = await run(["backup", "--stale", "--api", first!.url]);
      expect([stale.code, stale.stdout]).toEqual([0, expect.stringContaining("possibly behind")]);
      for (const { running } of [leader, second!]) running.signal("SIGCONT");
    },
    LONG_MS,
  );
});

describe("phi recover", () => {
  test(
    "makes a new cluster of what the last one has, which new ones join, and which the old ones are refused by",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [last, lost] = followers;
      await leader.put(target("s1"));
      expect(await last!.names()).toEqual(["s1"]);
      for (const monitor of monitors) await monitor.end("SIGKILL");
      const into = join(temporaryDirectory(), "new");
      const flags = ["recover", "--datadir", last!.directory, "--into", into];
      expect((await run(flags)).code).toBe(2);
      expect((await run([...flags, "--force-new-cluster"])).code).toBe(0);
      const again = await run([...flags, "--force-new-cluster"]);
      expect([again.code, again.stderr]).toEqual([1, expect.stringContaining("has data already")]);
      const recovered = new Monitor({ id: last!.id, directory: into });
      recovered.raftPort = last!.raftPort;
      recovered.start();
      const { members } = await recovered.untilStatus("to lead alone", ({ quorum }) => quorum);
      expect(members).toHaveLength(1);
      expect(await recovered.names()).toEqual(["s1"]);
      const joiner = new Monitor({ id: "d", join: recovered }).start();
      await untilWhole([recovered, joiner]);
      lost!.start();
      await lost!.untilSays(/belongs to cluster \w+, and/u);
      expect((await joiner.put(target("s2"))).status).toBe(200);
      expect((await recovered.status())!.members).toHaveLength(2);
    },
    LONG_MS,
  );
});

test(
  "data of a later version is refused in words, left as it is, and the others go on",
  async () => {
    const monitors = await startCluster(3);
    const { leader, followers } = await rolesOf(monitors);
    const [later, other] = followers;
    await leader.put(target("s1"));
    await later!.end("SIGTERM");
    const setVersion = (version: number) => {
      const database = new Database(join(later!.directory, "raft.sqlite"));
      const { user_version: before } = database.query("PRAGMA user_version").get() as {
        user_version: number;
      };
      database.run(`PRAGMA user_version = ${version}`);
      database.close();
      return before;
    };
    const known = setVersion(9);
    later!.start();
    expect(await later!.ended()).toBe(1);
    await later!.running.drained;
    expect(later!.log.trim()).toMatch(
      /^phi: .*has format version 9; this phi reads only \d+\. Start the version of phi that wrote it$/u,
    );
    expect((await other!.put(target("s2"))).status).toBe(200);
    expect(setVersion(known)).toBe(9);
    later!.start();
    await untilWhole(monitors);
    expect(await later!.names()).toEqual(["s1", "s2"]);
  },
  LONG_MS,
);
