/** What happens to a cluster in operation: writers that meet, writes repeated, a disk that is full. */
import { afterEach, describe, expect, test } from "bun:test";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { whyNoMounts } from "../../sim/chaos/small_disk.ts";
import { BINARY, startServers, stopAll, temporaryDirectory, until } from "../kit/binary.ts";
import { Monitor, rolesOf, startCluster, untilWhole } from "../kit/cluster.ts";

const LONG_MS = 90_000;

afterEach(stopAll);

const target = (name: string, more: object = {}) => ({
  name,
  url: "http://127.0.0.1:9/heartbeat",
  ...more,
});

describe("lost updates", () => {
  test(
    "If-Match: of two who read the same, one writes and the other learns of it, whichever monitor each asks",
    async () => {
      const monitors = await startCluster(3);
      const [first, second, third] = monitors;
      const created = await first!.put(target("s"));
      expect(created.status).toBe(200);
      const etag = (await second!.ask("/config/s")).headers.get("etag")!;
      expect(etag).toBe(created.headers.get("etag")!);
      const write = (monitor: Monitor, intervalMillis: number) =>
        monitor.put(target("s", { intervalMillis }), { "if-match": etag });
      const both = await Promise.all([write(second!, 2_000), write(third!, 3_000)]);
      expect(both.map(({ status }) => status).toSorted()).toEqual([200, 412]);
      const winner = both[0].status === 200 ? 2_000 : 3_000;
      for (const monitor of monitors) {
        const { body } = await monitor.ask("/config/s");
        expect(body["intervalMillis"]).toBe(winner);
      }
      const fresh = await first!.put(target("s"), { "if-none-match": "*" });
      expect(fresh.status).toBe(412);
    },
    LONG_MS,
  );

  test(
    "Idempotency-Key: repeated on another monitor, also after the leader died, it gives the same answer; with another body 422",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const [first, second] = followers;
      const key = { "idempotency-key": "write-1" };
      const answer = await first!.put(target("s", { intervalMillis: 2_000 }), key);
      expect(answer.status).toBe(200);
      // Somebody else writes; the repetition must not undo that.
      expect((await leader.put(target("s", { intervalMillis: 5_000 }))).status).toBe(200);
      const again = await second!.put(target("s", { intervalMillis: 2_000 }), key);
      expect(again.status).toBe(answer.status);
      expect(again.headers.get("etag")).toBe(answer.headers.get("etag"));
      expect(again.body).toEqual(answer.body);
      expect((await first!.ask("/config/s")).body["intervalMillis"]).toBe(5_000);
      const other = await leader.put(target("s", { intervalMillis: 9_000 }), key);
      expect(other.status).toBe(422);
      await leader.end("SIGKILL");
      // An election that is won at the second try takes longer than a write waits.
      const later = await until("one that leads", async () => {
        const repeated = await second!.put(target("s", { intervalMillis: 2_000 }), key);
        return repeated.status === 503 ? undefined : repeated;
      });
      expect({ status: later.status, body: later.body }).toEqual({
        status: 200,
        body: answer.body,
      });
      expect((await second!.put(target("t"), key)).status).toBe(422);
      expect((await first!.ask("/config/s")).body["intervalMillis"]).toBe(5_000);
    },
    LONG_MS,
  );
});

describe("without a quorum", () => {
  test(
    "a write is answered 503 at each that is left, and repeated under its key it is made once",
    async () => {
      const monitors = await startCluster(3);
      const { leader, followers } = await rolesOf(monitors);
      const key = { "idempotency-key": "write-1" };
      // So that its session is open: else it would not be proposed at all.
      expect((await leader.put(target("r"))).status).toBe(200);
      for (const { running } of followers) running.signal("SIGSTOP");
      // It is in the leader's log, and who knows.
      const first = await leader.put(target("s", { intervalMillis: 2_000 }), key);
      const asked = [
        first,
        await leader.put(target("t")),
        await leader.ask("/config/s", { method: "DELETE" }),
      ];
      for (const { status, headers, body } of asked) {
        expect([status, headers.get("retry-after")]).toEqual([503, "1"]);
        expect(body["type"]).toMatch(/^urn:phi:problem:write_(?:failed|unknown)$/u);
      }
      expect(first.body["type"]).toBe("urn:phi:problem:write_unknown");
      expect((await leader.ask("/config?stale=true")).status).toBe(200);
      for (const { running } of followers) running.signal("SIGCONT");
      await untilWhole(monitors);
      const again = await followers[0]!.put(target("s", { intervalMillis: 2_000 }), key);
      expect(again).toMatchObject({ status: 200, body: { created: true } });
      expect((await leader.put(target("s", { intervalMillis: 5_000 }))).status).toBe(200);
      const third = await followers[1]!.put(target("s", { intervalMillis: 2_000 }), key);
      expect({ status: third.status, body: third.body }).toEqual({ status: 200, body: again.body });
      expect((await leader.ask("/config/s")).body["intervalMillis"]).toBe(5_000);
    },
    LONG_MS,
  );
});

const reason = whyNoMounts();
const isSkipped = reason !== undefined && process.env["CI"] !== "true";

/** Runs the binary where `directory` is a file system of its own, of a few megabytes. */
const onSmallDisk = (directory: string, megabytes: number) => [
  "unshare",
  "-rm",
  "sh",
  "-ec",
  `mount -t tmpfs -o size=${megabytes}m none "$1"; shift; exec "$0" "$@"`,
  BINARY,
  directory,
];

describe("a disk that is full", () => {
  test.skipIf(isSkipped)(
    `halts its monitor, which says so and goes on watching; the others go on writing${isSkipped ? ` (${reason})` : ""}`,
    async () => {
      const { ports } = await startServers(1);
      const small = join(temporaryDirectory(), "small");
      mkdirSync(small);
      const monitors = await startCluster(3, (id) =>
        id === "c" ? { directory: small, command: onSmallDisk(small, 6) } : {},
      );
      const [first, second, full] = monitors;
      const watched = { name: "w", url: `http://127.0.0.1:${ports[0]}/heartbeat` };
      expect((await first!.put(watched)).status).toBe(200);
      const large = (count: number) =>
        target(`s${count % 10}`, { labels: { filler: `${count}`.padEnd(1_000, "x") } });
      let count = 0;
      // Whole configs, some 170 KB each.
      const servers = (mark: number) => [
        watched,
        ...Array.from({ length: 150 }, (_, place) => ({ ...large(mark), name: `s${place}` })),
      ];
      await until("it to halt", async () => {
        const { status } = await first!.ask("/config", {
          method: "POST",
          headers: { "content-type": "application/json", "if-match": "*" },
          body: JSON.stringify({ servers: servers(count++) }),
        });
        // 503 where it led, or nobody did for a moment: it is the others that go on, below.
        expect([200, 503]).toContain(status);
        return (await full!.status())?.halted ?? undefined;
      });
      await full!.untilSays(/takes no further part in agreeing on the config/u);
      expect(await full!.metric("phi_raft_halted")).toBe(1);
      const ready = await full!.ask("/readyz");
      expect(ready).toMatchObject({ status: 200, body: { quorum: false } });
      expect(ready.body["halted"]).toContain("could not be stored");
      const before = (await full!.heartbeats("w"))!;
      await until("another heartbeat", async () =>
        (await full!.heartbeats("w"))! > before ? true : undefined,
      );
      expect((await full!.put(target("t"))).status).toBe(503);
      expect((await full!.ask("/config?stale=true")).status).toBe(200);
      const { leader } = await rolesOf([first!, second!]);
      for (const monitor of [first!, second!]) {
        expect((await monitor.put(target(`of-${monitor.id}`))).status).toBe(200);
      }
      await leader.untilStatus("to miss it", ({ members }) =>
        members.some(({ id, isActive }) => id === "c" && isActive === false),
      );
      // It has nothing to hand over, and ends.
      expect(await full!.end("SIGTERM")).toBe(0);
      expect((await second!.ask("/cluster/members/c", { method: "DELETE" })).status).toBe(200);
      const next = new Monitor({ id: "d", join: second! }).start();
      await untilWhole([first!, second!, next]);
    },
    LONG_MS,
  );
});
