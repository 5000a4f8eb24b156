/**
 * The peer port, attacked over real sockets in the compiled binary: by strangers, who have no secret and get no
 * further than a handshake, and by peers that have it and send what no correct program does. Two kinds of
 * peers: strangers to the membership, whom a monitor hears because they may know a later one, and `learner`,
 * a member. In the background an honest transport answers for `learner`, as a member's address must.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { bunPeerCrypto, bunRandom, bunTimers, createPeerSockets } from "../../../src/bun/mod.ts";
import { PeerTransport } from "../../../src/peer/mod.ts";
import { Random } from "../../world/random.ts";
import { type FuzzSession, type FuzzTarget, Tally } from "../fuzz_target.ts";
import { atLeast } from "../minimum.ts";
import { fieldsOf, numberOf, parseJson, serversOf } from "../json_value.ts";
import { HOST, MonitorProcess } from "../monitor_process.ts";
import { cut, mutate, randomBytes } from "../mutation.ts";
import { openDescriptorsOf, residentBytesOf, settled } from "../process_reading.ts";
import { DialledPeer } from "./dialled_peer.ts";
import {
  GOOD_VIEW,
  type HostileFrame,
  makeLastFrame,
  makeLogFrame,
  makeSnapshotFrames,
  type Place,
  UNKNOWN_VIEW,
} from "./hostile_frames.ts";
import { codeOf, frame, type HelloFields, helloPayload, PURPOSES, uint32 } from "./wire.ts";

const SECRET = "a secret of the cluster that nobody guesses";
const LEARNER = "learner";
/** Not members: they say that they know of a later membership. */
const OUTSIDERS = ["outsider-0", "outsider-1", "outsider-2"];
const LATER_MEMBERSHIP = 2 ** 50;
const CONFIG = {
  servers: [
    { name: "a", url: "push:" },
    { name: "b", url: "push:" },
  ],
};
const FRAMES_A_CONNECTION = 40;
/** Of connections. */
const STRANGERS_SHARE = 0.6;
const LOOKS_SHARE = 0.2;
/** Of what may still become a handshake. */
const PATIENT_SHARE = 0.03;
/** Over the largest message that a monitor takes. */
const TOO_LONG_BYTES = 18 * 1024 * 1024;
const COUNTED = [
  ["phi_raft_refused_messages_total", "refused by the monitor"],
  ["phi_raft_leader_changes_total", "leader changes"],
  ["phi_raft_commit_index", "entries committed"],
] as const;
const WRITE_MS = 30_000;
const AGAIN_MS = 100;

/** Of all messages, unless it says of what: half of what comes or less, but for handshakes. */
const MINIMA = [
  // The rare one that is refused was overtaken by the learner's own connection; more speak another protocol.
  ...atLeast(0.02, ["with the secret", "without the secret"]),
  ...atLeast(0.9, ["handshake made"], "with the secret"),
  // Strangers fail for want of the proof, not because nobody understands their hello: a third have a good one.
  ...atLeast(0.15, ["stranger greeted"], "without the secret"),
  ...atLeast(0.1, ["messages", "messages, mutated"]),
  ...atLeast(0.03, ["exchange", "exchange, mutated"]),
  ...atLeast(0.001, ["messages, random", "messages, with a wrong length", "wrong kind"]),
  ...atLeast(0.001, ["snapshot", "chunk", "wrong MAC", "too long"]),
  // By the monitor's own count: some messages were refused, others were taken for what they said.
  ...atLeast(0.05, ["(refused by the monitor)"]),
  ...atLeast(0.000_5, ["(leader changes)"]),
];

export const peerTarget: FuzzTarget = {
  name: "peer",
  unit: "messages",
  fullCount: 100_000,
  casesPerRound: 1_000,
  allowedBytesPer10k: 4 * 1024 * 1024,
  minima: MINIMA,
  async open() {
    const monitor = new MonitorProcess((directory) => {
      const secret = join(directory, "secret");
      writeFileSync(secret, `${SECRET}\n`);
      return [`--cluster-secret-file=${secret}`];
    });
    const session = new PeerSession(monitor);
    try {
      await monitor.started();
      await session.join();
    } catch (error) {
      await session.close();
      throw error;
    }
    return session;
  },
};

class PeerSession implements FuzzSession {
  readonly tally = new Tally();
  readonly #monitor: MonitorProcess;
  readonly #honest: PeerTransport;
  #place!: Place;
  /** As the monitor showed it when it was written. */
  #config = "";
  #findings: string[] = [];

  constructor(monitor: MonitorProcess) {
    this.#monitor = monitor;
    this.#honest = new PeerTransport({
      id: LEARNER,
      clusterId: undefined,
      auth: { mode: "secret", secret: new TextEncoder().encode(SECRET) },
      sockets: createPeerSockets(),
      crypto: bunPeerCrypto,
      timers: bunTimers,
      random: bunRandom,
      admitJoiner: (_address, ips) => ({ ok: true, ips }),
      onMessages: () => undefined,
      onUnreachable: () => undefined,
    });
  }

  /** Makes `learner` a member, and writes the config that nothing may change from here on. */
  async join(): Promise<void> {
    const listening = await this.#honest.listen({ host: HOST, port: 0 });
    if (!listening.ok) throw new Error(listening.detail);
    const address = `${HOST}:${listening.listener.port}`;
    const joined = await this.#send("POST", "/cluster/join", { id: LEARNER, address });
    if (joined.status !== 200) throw new Error(`cannot join: ${await joined.text()}`);
    const written = await this.#send("POST", "/config", CONFIG, { "if-match": "*" });
    if (written.status !== 200) throw new Error(`cannot write: ${await written.text()}`);
    this.#config = await this.#shownConfig();
    await this.#look();
    // Its own link back is one of the connections that there are before anything is attacked.
    if (!(await settled(() => this.#honest.isConnected(this.#place.id)))) {
      throw new Error("the learner does not find the monitor");
    }
  }

  async round(seed: number, cases: number): Promise<readonly string[]> {
    this.#findings = [];
    const random = new Random(seed, "peer");
    await this.#look();
    for (let left = cases; left > 0 && this.#findings.length === 0;) {
      const isStranger = random.chance(STRANGERS_SHARE);
      left -= isStranger ? await this.#knock(random) : await this.#speak(random, left);
    }
    await this.#check();
    return this.#findings;
  }

  residentBytes(): number {
    return this.#monitor.isAlive ? residentBytesOf(this.#monitor.pid) : 0;
  }

  openDescriptors(): number {
    return this.#monitor.isAlive ? openDescriptorsOf(this.#monitor.pid) : 0;
  }

  /** After all that, an honest write has to go through, and to be all that changes. */
  async finish(): Promise<readonly string[]> {
    if (!this.#monitor.isAlive) return ["the monitor has ended"];
    const findings: string[] = [];
    if (!(await this.#canWrite())) findings.push("an honest write does not go through any more");
    const names = serversOf(parseJson(await this.#shownConfig()))
      .map(({ name }) => String(name))
      .join();
    if (names !== "a,b,honest") findings.push(`the config holds ${names} in the end`);
    await this.#countWhatCame();
    const fault = await this.#faultOfViews();
    if (fault !== undefined) findings.push(fault);
    const defect = this.#monitor.defect();
    return defect === undefined ? findings : [...findings, `the monitor said: ${defect}`];
  }

  async close(): Promise<void> {
    await this.#honest.close();
    await this.#monitor.stop();
  }

  /** One connection of somebody without the secret; the number of messages that it took. */
  async #knock(random: Random): Promise<number> {
    const peer = await DialledPeer.dial(this.#monitor.raftPort);
    const { text, isRefusedAtOnce } = knocking(random, helloPayload(this.#hello(random)));
    for (const piece of cut(random, text, 4)) peer.write(piece);
    this.tally.add("without the secret");
    // For the end of what may still become a handshake only some wait: it comes with the deadline.
    if (!isRefusedAtOnce && !random.chance(PATIENT_SHARE)) peer.sayEnd();
    if (!(await peer.ended())) this.#find(`a stranger is not shut out: ${show(text)}`);
    const codes = peer.receivedCodes();
    if (codes.includes(codeOf("hello"))) this.tally.add("stranger greeted");
    // The monitor proves who it is to those only who have proved it first.
    if (codes.includes(codeOf("proof"))) this.#find(`a stranger is let in: ${show(text)}`);
    return 1;
  }

  /** One connection of somebody with the secret; the number of messages that it took. */
  async #speak(random: Random, most: number): Promise<number> {
    if (random.chance(LOOKS_SHARE)) await this.#look();
    const hello = this.#hello(random);
    const { from } = hello;
    const peer = await DialledPeer.dial(this.#monitor.raftPort);
    this.tally.add("with the secret");
    const refusal = await peer.shakeHands(SECRET, hello);
    if (refusal !== undefined) {
      this.tally.add("handshake refused");
      peer.destroy();
      // Only for a moment: the learner's own connection and these take each other's place.
      if (!this.#monitor.isAlive) this.#find(refusal);
      return 1;
    }
    this.tally.add("handshake made");
    const frames = this.#framesOf(random, hello, most);
    let sent = 0;
    for (const { code, payload, label } of frames) {
      if (peer.isClosed) break;
      peer.sendCode(code, payload);
      this.tally.add(label);
      sent++;
      await peer.flushed();
    }
    const isBrokenOff = random.chance(0.2);
    if (isBrokenOff) this.#breakOff(random, peer);
    else peer.sayEnd();
    if (random.chance(0.3)) peer.destroy();
    else if (!(await peer.ended())) this.#find(`the connection of ${from} does not end`);
    return Math.max(1, sent);
  }

  #framesOf(random: Random, { purpose, from }: HelloFields, most: number): HostileFrame[] {
    if (purpose === "snapshot") return makeSnapshotFrames(random, from, this.#place);
    const count = Math.min(most, random.between(1, FRAMES_A_CONNECTION));
    const frames = Array.from({ length: count }, () => makeLogFrame(random, from, this.#place));
    if (random.chance(0.4)) frames[count - 1] = makeLastFrame(random, from, this.#place);
    return frames;
  }

  /** What no frame is. */
  #breakOff(random: Random, peer: DialledPeer): void {
    const isLong = random.chance(0.5);
    this.tally.add(isLong ? "too long" : "wrong MAC");
    if (isLong) peer.write(uint32(TOO_LONG_BYTES) + randomBytes(random, 100));
    else peer.write(frame(codeOf("messages"), randomBytes(random, 16)));
  }

  #hello(random: Random): HelloFields {
    const isLearner = random.chance(0.3);
    return {
      clusterId: this.#place.clusterId,
      from: isLearner ? LEARNER : random.pick(OUTSIDERS),
      to: this.#place.id,
      // Nobody is there: the monitor dials in vain.
      address: `${HOST}:9`,
      membershipIndex: isLearner ? 0 : LATER_MEMBERSHIP,
      purpose: random.chance(0.6) ? "log" : random.pick(PURPOSES),
      random: randomBytes(random, 32),
    };
  }

  async #check(): Promise<void> {
    if (!this.#monitor.isAlive) return this.#find(`the monitor has ended: ${this.#monitor.log()}`);
    const health = await this.#monitor.get("/healthz");
    await health.arrayBuffer();
    if (health.status !== 200) this.#find(`/healthz says ${health.status}`);
    const config = await this.#shownConfig();
    if (config !== this.#config) this.#find(`the config has become ${config}`);
    const defect = this.#monitor.defect();
    if (defect !== undefined) this.#find(`the monitor said: ${defect}`);
  }

  /** What it has applied, whoever leads; with its revision. */
  async #shownConfig(): Promise<string> {
    const response = await this.#monitor.get("/config?stale=true");
    const config: unknown = await response.json();
    return JSON.stringify({ servers: serversOf(config), revision: response.headers.get("etag") });
  }

  /** That it was not all for nothing: what the monitor made of it, by its own count. */
  async #countWhatCame(): Promise<void> {
    const text = await (await this.#monitor.get("/metrics")).text();
    for (const [series, label] of COUNTED) {
      const value = new RegExp(`^${series} (\\S+)$`, "mu").exec(text)?.[1];
      this.tally.add(`(${label})`, Number(value ?? 0));
    }
  }

  /**
   * Views are of use only if the monitor reads them as they are written here. It says once of each peer what it
   * cannot read: of this one it has to be the second view.
   */
  async #faultOfViews(): Promise<string | undefined> {
    const from = "reader";
    const peer = await DialledPeer.dial(this.#monitor.raftPort);
    const hello = { ...this.#hello(new Random(0, from)), from, purpose: "log" as const };
    const refusal = await peer.shakeHands(SECRET, hello);
    for (const view of [GOOD_VIEW, UNKNOWN_VIEW]) {
      if (refusal === undefined) peer.send("exchange", view);
    }
    const heard = () => new RegExp(`what ${from} sees.*`, "u").exec(this.#monitor.log())?.[0];
    const isHeard = await settled(() => refusal !== undefined || heard() !== undefined);
    peer.destroy();
    if (isHeard && heard()?.includes("version 255")) return undefined;
    return `a good view is not read: ${refusal ?? heard() ?? "nothing was said"}`;
  }

  async #look(): Promise<void> {
    const response = await this.#monitor.get("/cluster");
    const { clusterId, id, term, commitIndex, lastIndex } = fieldsOf(await response.json());
    this.#place = {
      clusterId: String(clusterId),
      id: String(id),
      term: numberOf(term),
      commitIndex: numberOf(commitIndex),
      lastIndex: numberOf(lastIndex),
    };
  }

  async #canWrite(): Promise<boolean> {
    const endMs = performance.now() + WRITE_MS;
    while (performance.now() < endMs) {
      const { status } = await this.#send("PUT", "/config", { name: "honest", url: "push:" });
      if (status === 200) return true;
      await Bun.sleep(AGAIN_MS);
    }
    return false;
  }

  async #send(method: string, path: string, body: object, headers = {}): Promise<Response> {
    return await fetch(this.#monitor.url + path, {
      method,
      keepalive: false,
      headers: { "content-type": "application/json", ...headers },
      body: JSON.stringify(body),
    });
  }

  #find(sentence: string): void {
    this.#findings.push(sentence);
  }
}

interface Knock {
  readonly text: string;
  /** Nothing that could follow makes a handshake of it. */
  readonly isRefusedAtOnce: boolean;
}

const unfinished = (text: string): Knock => ({ text, isRefusedAtOnce: false });
const refused = (text: string): Knock => ({ text, isRefusedAtOnce: true });

/** What is said by those who cannot prove anything. */
function knocking(random: Random, hello: string): Knock {
  const helloFrame = frame(codeOf("hello"), hello);
  switch (random.below(9)) {
    case 0:
      return unfinished(randomBytes(random, random.between(1, 300)));
    case 1:
      return unfinished(frame(codeOf("hello"), mutate(random, hello)));
    case 2:
      return unfinished(mutate(random, helloFrame));
    case 3:
      return unfinished(helloFrame.slice(0, random.below(helloFrame.length)));
    case 4: {
      const proof = randomBytes(random, random.pick([0, 16, 32, 64]));
      return refused(helloFrame + frame(codeOf("proof"), proof));
    }
    case 5: {
      const any = frame(random.between(0, 255), randomBytes(random, random.below(100)));
      return refused(helloFrame + any);
    }
    case 6:
      return refused(helloFrame + helloFrame);
    case 7: {
      const length = uint32(random.pick([0, 2_049, 2 ** 24, 2 ** 32 - 1]));
      return refused(length + randomBytes(random, 3_000));
    }
    default:
      return refused(
        random.pick(["GET / HTTP/1.1\r\nHost: x\r\n\r\n", "\u0016\u0003\u0001\u0002\0\u0001"]),
      );
  }
}

function show(text: string): string {
  return JSON.stringify(text.slice(0, 500));
}
