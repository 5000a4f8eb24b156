/**
 * A cluster of the compiled binary is rolled to the next version, which is this one under another number: a new
 * one joins, the others follow one by one, and writes go on. One that speaks only what nobody else does is refused.
 */
import { afterEach, expect, test } from "bun:test";
import { join } from "node:path";
import { PROJECT, stopAll } from "../kit/binary.ts";
import { leaderOf, Monitor, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 90_000;

afterEach(stopAll);

const target = (name: string) => ({ name, url: "http://127.0.0.1:9/heartbeat" });

/** What runs a monitor that speaks these versions. */
const faked = (versions: string) => ({
  command: [
    process.execPath,
    "--preload",
    join(PROJECT, "test/kit/faked_version.ts"),
    join(PROJECT, "src/main.ts"),
  ],
  env: { PHI_FAKED_VERSIONS: versions },
});

/** Takes its place, on its data. */
async function replace(old: Monitor, by: ReturnType<typeof faked>): Promise<Monitor> {
  await old.end("SIGTERM");
  const next = new Monitor({ id: old.id, directory: old.directory, ...by });
  next.raftPort = old.raftPort;
  return next.start();
}

test(
  "one of the next version joins, the others are rolled one by one, and nothing is lost",
  async () => {
    let monitors = await startCluster(2);
    const [first] = monitors;
    expect((await first!.put(target("s0"))).status).toBe(200);
    const joiner = new Monitor({ id: "n", join: first!, ...faked("1..2") }).start();
    monitors = [...monitors, joiner];
    await untilWhole(monitors);
    expect(await joiner.names()).toEqual(["s0"]);
    const written = ["s0"];
    for (const old of monitors.slice(0, 2)) {
      const next = await replace(old, faked("1..2"));
      monitors = monitors.map((monitor) => (monitor === old ? next : monitor));
      await leaderOf(monitors.filter((monitor) => monitor !== next));
      await untilWhole(monitors);
      for (const monitor of monitors) {
        const name = `s${written.length}`;
        expect((await monitor.put(target(name))).status).toBe(200);
        written.push(name);
      }
    }
    for (const monitor of monitors) expect(await monitor.names()).toEqual(written);
    // Nobody understands this one any more, nor does it anybody.
    const [lost] = monitors;
    const far = await replace(lost!, faked("7..9"));
    await far.untilSays(/no common version of the peer wire format: .*Update \w to a version/u);
    expect(await far.names("?stale=true")).toEqual(written);
    expect((await far.status())!.quorum).toBe(false);
    expect((await joiner.put(target("t"))).status).toBe(200);
    expect(await far.names("?stale=true")).toEqual(written);
  },
  LONG_MS,
);
