import { describe, expect, test } from "bun:test";
import { spellingsOf } from "../../../test/kit/address_spellings.ts";
import { microtasks } from "../../../test/kit/test_stores.ts";
import { VirtualTime } from "../../../test/kit/virtual_time.ts";
import { ClusterNode, type Links } from "../../cluster/mod.ts";
import { parseNetPolicy } from "../../net_policy/mod.ts";
import type { FetchAt, Resolve } from "../../port.ts";
import {
  firstSnapshot,
  type LogStorage,
  membershipOf,
  SessionStateMachine,
} from "../../raft/mod.ts";
import { ClusterMachine, MemoryLog } from "../../store/mod.ts";
import { chooseFetchAt, leadingOf, makeAddressesOf } from "./alerting.ts";

const URL_OF_HOOK = "https://hook.test/x";

/** For a name that stands for these, one after the other. */
function addressesOf(rules: readonly string[], ...answers: readonly (readonly string[])[]) {
  const parsed = parseNetPolicy(rules);
  if (!parsed.ok) throw new Error(parsed.detail);
  let turn = 0;
  const resolve: Resolve = async () => {
    const ips = answers[Math.min(turn++, answers.length - 1)]!;
    return { ok: true, addresses: ips.map((ip) => ({ ip, family: 4 })) };
  };
  return makeAddressesOf({ policy: parsed.policy }, resolve);
}

describe("where a receiver of alerts is reached", () => {
  test("is judged anew each time, since a name may change", async () => {
    const look = addressesOf([], ["10.0.0.1"], ["169.254.169.254"]);
    expect(await look(URL_OF_HOOK)).toEqual({ ok: true, ips: ["10.0.0.1"] });
    expect(await look(URL_OF_HOOK)).toEqual({
      ok: false,
      detail: "hook.test: 169.254.169.254 is the address of a cloud's metadata service",
    });
  });

  test("is at the allowed ones of several addresses, another of them first each time", async () => {
    const all = ["10.0.0.1", "127.0.0.1", "127.0.0.2", "::ffff:10.0.0.1"];
    const look = addressesOf(["127.0.0.0/8"], all);
    expect(await look(URL_OF_HOOK)).toEqual({ ok: true, ips: ["127.0.0.1", "127.0.0.2"] });
    expect(await look(URL_OF_HOOK)).toEqual({ ok: true, ips: ["127.0.0.2", "127.0.0.1"] });
    expect(await look(URL_OF_HOOK)).toEqual({ ok: true, ips: ["127.0.0.1", "127.0.0.2"] });
  });

  test("is at another of them first each time, also where several are asked for in turn", async () => {
    const look = addressesOf([], ["10.0.0.1", "10.0.0.2"]);
    const urls = ["http://am1.test/", "http://am2.test/", "http://am2.test/prefix"];
    const firsts: string[][] = [];
    for (let round = 0; round < 3; round++) {
      const found = await Promise.all(urls.map((url) => look(url)));
      firsts.push(found.map((each) => (each.ok ? each.ips[0]! : each.detail)));
    }
    const all = (ip: string) => urls.map(() => ip);
    expect(firsts).toEqual([all("10.0.0.1"), all("10.0.0.2"), all("10.0.0.1")]);
  });

  test("is at no more than 16 addresses, whatever the name server says", async () => {
    const all = Array.from({ length: 4_000 }, (_, i) => `10.0.${i >> 8}.${i & 255}`);
    const found = await addressesOf([], all)(URL_OF_HOOK);
    expect(found).toEqual({ ok: true, ips: all.slice(0, 16) });
    const refused = await addressesOf(["127.0.0.0/8"], all)(URL_OF_HOOK);
    expect(refused).toMatchObject({ ok: false, detail: expect.stringMatching(/; and 13 more$/u) });
  });

  test("is nowhere for a URL that may not be contacted, and nothing is looked up", async () => {
    const look = addressesOf(["127.0.0.0/8"], ["127.0.0.1"]);
    expect(await look("http://10.0.0.1/")).toMatchObject({ ok: false });
    expect(await look("http://0x7f.1:80/")).toMatchObject({ ok: true });
  });

  test("is never at an address that may not be contacted, however it is spelled", async () => {
    let looked = 0;
    for (const forbidden of ["10.0.0.1", "169.254.169.254"]) {
      for (const host of spellingsOf(forbidden)) {
        const url = URL.parse(`http://${host}/`);
        if (url === null) continue;
        // An address stands for itself; any name is its owner's, and leads to the address all the same.
        const named = url.hostname.replaceAll(/[[\]]/gu, "");
        const isAddress = /^[\d.]+$|:/u.test(named);
        const look = addressesOf(["127.0.0.0/8"], [isAddress ? named : forbidden]);
        const found = await look(url.href);
        looked++;
        // Some put it where no host is, and are told at the host that they have.
        const isElsewhere = url.hostname === "127.0.0.1";
        expect([host, found.ok]).toEqual([host, isElsewhere]);
      }
    }
    expect(looked).toBeGreaterThan(60);
  });
});

const fetchAt: FetchAt = async () => new Response("perhaps by a proxy");
const fetchAtUnproxied: FetchAt = async () => new Response("by none");

describe("whether a receiver of alerts may be reached by a proxy", () => {
  test.each([
    [[], "perhaps by a proxy"],
    [["127.0.0.0/8"], "by none"],
    [["hook.test", "proxy.test"], "by none"],
  ])("is asked of --allow-net: with the rules %j, %s", async (rules, expected) => {
    const parsed = parseNetPolicy(rules);
    if (!parsed.ok) throw new Error(parsed.detail);
    const chosen = chooseFetchAt({ policy: parsed.policy }, { fetchAt, fetchAtUnproxied });
    const response = await chosen(new Request(URL_OF_HOOK), "10.0.0.1");
    expect(await response.text()).toBe(expected);
  });
});

const NO_LINKS: Links = {
  setPeers() {},
  setRemoved() {},
  isConnected: () => false,
  movedTo: () => undefined,
  verify: async () => ({ ok: true }),
  send() {},
  sendSnapshot() {},
};

/** A cluster of one, on a disk that fails from when it is broken. */
function loneMember() {
  const time = new VirtualTime();
  const disk = { isBroken: false };
  const stateMachine = new SessionStateMachine(new ClusterMachine());
  const self = { id: "a", address: "a:7000" };
  const firstState = firstSnapshot(membershipOf([self]), stateMachine.snapshot());
  const soon = (run: () => void) => void time.after(1, run);
  const { storage, stored } = new MemoryLog({ firstSnapshot: firstState, soon }).open();
  const store: LogStorage["store"] = (write, done) => {
    if (disk.isBroken) soon(() => done({ ok: false, detail: "the disk is broken" }));
    else storage.store(write, done);
  };
  const node = new ClusterNode(
    { clusterId: "test", ...self, stored },
    {
      storage: { ...storage, store },
      links: NO_LINKS,
      stateMachine,
      clock: time,
      timers: time,
      random: () => 0.5,
    },
  );
  return { time, disk, node };
}

test("a monitor whose disk has failed does not lead, and counts as one that nobody leads", async () => {
  const { time, disk, node } = loneMember();
  const { leadership, isLeaderless } = leadingOf(node);
  time.pass(5_000);
  expect([leadership(), isLeaderless()]).toEqual([String(node.status().term), false]);
  disk.isBroken = true;
  node.member.propose(new Uint8Array(1), () => {});
  await microtasks();
  time.pass(1_000);
  expect(node.status().halted).toContain("the disk is broken");
  expect([leadership(), isLeaderless()]).toEqual([undefined, true]);
  node.stop();
});
