/**
 * A Debian with what the README's "Two commands" ask for and nothing beside: made by debootstrap in a folder of its own,
 * entered by chroot, with processes, mounts and a network of its own (only a loopback). It takes root. Whoever holds
 * the namespaces waits for the end of a pipe and then deletes the folder, so that nothing is left however this process ends.
 */
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PROJECT } from "../kit/binary.ts";

const PACKAGES = ["git", "make", "nodejs", "npm", "ca-certificates"];
const CLONE = "/root/phi";
/** Of Debian, there and often here. */
const CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt";

/** `$1` is the folder. A Ctrl-C is for those who look on; bash ends with the pipe, and buries whom nobody else does. */
const HOLD = `
  trap '' INT TERM HUP
  unshare --mount --pid --net --fork sh -ec '
    ip link set lo up
    echo ready
    exec bash -c read'
  rm -rf --one-file-system "$1"`;

export class BareDebian {
  readonly #root: string;
  /** The first of the processes there, by its number here. */
  readonly #holder: number;
  readonly #end: () => Promise<void>;

  /** Takes minutes and a network: all is fetched from where the packages and the modules of this machine come from. */
  static async make(): Promise<BareDebian> {
    if (process.getuid?.() !== 0) throw new Error("it takes root to make a bare Debian");
    const root = mkdtempSync(join(tmpdir(), "phi-bare-"));
    const keeper = Bun.spawn(["sh", "-c", HOLD, "sh", root], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "inherit",
      detached: true,
    });
    const { value } = await keeper.stdout.getReader().read();
    if (value === undefined) throw new Error("no namespaces can be made here");
    const unshared = childOf(keeper.pid);
    const bare = new BareDebian(root, childOf(unshared), async () => {
      await keeper.stdin.end();
      await keeper.exited;
    });
    try {
      await bare.#fill();
    } catch (error) {
      await bare.remove();
      throw error;
    }
    return bare;
  }

  private constructor(root: string, holder: number, end: () => Promise<void>) {
    this.#root = root;
    this.#holder = holder;
    this.#end = end;
  }

  /** What leads into the clone there. Online it has this machine's network, else its own. */
  inside(isOnline = false): string[] {
    const proxies = Object.entries(process.env).filter(([name]) => /^https?_proxy$/iu.test(name));
    const variables = {
      HOME: "/root",
      PATH: "/usr/sbin:/usr/bin:/sbin:/bin",
      NODE_EXTRA_CA_CERTS: CERTIFICATES,
      ...(isOnline && Object.fromEntries(proxies)),
    };
    const environment = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
    const spaces = ["--mount", "--pid", ...(isOnline ? [] : ["--net"])];
    const goToClone = ["sh", "-c", 'cd "$0" 2>/dev/null || cd; exec "$@"', CLONE];
    const change = ["chroot", this.#root, "env", "--ignore-environment"];
    return [...this.#enter(...spaces), ...change, ...environment, ...goToClone];
  }

  /** What leads to its network alone, with the programs and files of this machine. */
  get onlyNetwork(): string[] {
    return this.#enter("--net");
  }

  /** How many processes run there, but who holds it. */
  processCount(): number {
    const space = pidSpaceOf(String(this.#holder));
    return (
      readdirSync("/proc").filter((pid) => /^\d+$/u.test(pid) && pidSpaceOf(pid) === space).length -
      1
    );
  }

  /** What is committed here. */
  async clone(): Promise<void> {
    await done(["git", "clone", "--quiet", `file://${PROJECT}`, join(this.#root, CLONE)]);
  }

  async remove(): Promise<void> {
    await this.#end();
  }

  #enter(...spaces: readonly string[]): string[] {
    return ["nsenter", "--target", String(this.#holder), ...spaces];
  }

  async #fill(): Promise<void> {
    const { codename, mirror } = await aptSource();
    const here = this.#enter("--mount", "--pid");
    await done([...here, "debootstrap", "--variant=minbase", codename, this.#root, mirror]);
    await done([...here, "mount", "-t", "proc", "proc", join(this.#root, "proc")]);
    // Nobody mourns it after a power cut: no need to sync each of some four hundred packages.
    writeFileSync(join(this.#root, "etc/dpkg/dpkg.cfg.d/unsafe"), "force-unsafe-io\n");
    const install = "apt-get install --quiet --yes --no-install-recommends";
    const script = `apt-get update --quiet && DEBIAN_FRONTEND=noninteractive ${install} ${PACKAGES.join(" ")}`;
    await done([...this.inside(true), "sh", "-c", script]);
    await this.#useRegistry();
  }

  /** npm there asks whom npm here asks, and trusts whom it trusts. */
  async #useRegistry(): Promise<void> {
    const trusted =
      (await npmConfig("cafile")) ?? process.env["NODE_EXTRA_CA_CERTS"] ?? CERTIFICATES;
    writeFileSync(join(this.#root, CERTIFICATES), readFileSync(trusted));
    const lines = [`cafile=${CERTIFICATES}`];
    for (const key of ["registry", "proxy", "https-proxy", "noproxy"]) {
      const value = await npmConfig(key);
      if (value !== undefined) lines.push(`${key}=${value}`);
    }
    writeFileSync(join(this.#root, "root/.npmrc"), `${lines.join("\n")}\n`);
  }
}

/** Where apt gets Debian from here, which goes for the Debian there too. */
async function aptSource(): Promise<{ readonly codename: string; readonly mirror: string }> {
  const codename = /^VERSION_CODENAME=(\w+)$/mu.exec(readFileSync("/etc/os-release", "utf8"))?.[1];
  const format = "$(RELEASE) $(COMPONENT) $(REPO_URI)";
  const targets = await done([
    "apt-get",
    "indextargets",
    "--format",
    format,
    "Created-By: Packages",
  ]);
  const mirror = new RegExp(`^${codename} main (\\S+)$`, "mu").exec(targets)?.[1];
  if (codename === undefined || mirror === undefined) throw new Error("apt has no Debian here");
  return { codename, mirror };
}

/** As whoever calls this has set it. */
async function npmConfig(key: string): Promise<string | undefined> {
  const value = await done(["npm", "config", "get", key]);
  return ["", "null", "undefined"].includes(value) ? undefined : value;
}

/** Of a process that has one. */
function childOf(pid: number): number {
  return Number.parseInt(readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8"), 10);
}

/** Undefined if there is no such process. */
function pidSpaceOf(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

/** Runs it to its end; what it printed. Throws, with all that it said, if it fails. */
export async function done(command: readonly string[]): Promise<string> {
  const child = Bun.spawn([...command], { stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${stdout}\n${stderr}`);
  return stdout.trim();
}
