/**
 * The runtimes that `src/edge.ts` is for, each as a function that starts one receiver on a free loopback
 * port and says where it is: Bun on the source, Deno and workerd on a bundle that knows no `process`. With a
 * config the receiver gets an environment that has it; without, whatever the runtime itself passes.
 */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const EDGE = fileURLToPath(new URL("../../src/edge.ts", import.meta.url));
const WAIT_MS = 20_000;
const require = createRequire(import.meta.url);

export interface EdgeReceiver {
  readonly url: string;
  /** What it wrote to stderr, less what the runtime says when it starts. */
  complaints(): string;
  end(): Promise<void>;
}

export interface EdgeRuntime {
  readonly name: string;
  /** Why it cannot run here; undefined where it can. */
  readonly whyNot: () => string | undefined;
  /** A text is the text of a config file; anything else has no business to be there. */
  readonly start: (config?: unknown) => Promise<EdgeReceiver>;
}

/** The module as one file for any runtime, in one text. */
export async function bundleEdge(): Promise<string> {
  const built = await Bun.build({
    entrypoints: [EDGE],
    target: "browser",
    define: { process: "undefined" },
  });
  return built.outputs[0]!.text();
}

let bundle: Promise<string> | undefined;

export const EDGE_RUNTIMES: readonly EdgeRuntime[] = [
  {
    name: "Bun",
    whyNot: () => undefined,
    start: (config) =>
      startIn(async (folder) => {
        const handler = withEnvironment("edge.fetch", config);
        const script = `import edge from ${JSON.stringify(EDGE)};
          const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: ${handler} });
          console.log("at " + server.url.origin + "/");`;
        await writeFile(join(folder, "serve.ts"), script);
        return { command: [process.execPath, "serve.ts"], listening: /at http:.*:(\d+)\// };
      }),
  },
  {
    name: "Deno",
    whyNot: () => missing("Deno", denoPath),
    start: (config) =>
      startIn(async (folder) => {
        await writeBundle(folder);
        const handler = withEnvironment("edge.fetch", config);
        const script = `import edge from "./edge.js"; export default { fetch: ${handler} };`;
        await writeFile(join(folder, "serve.js"), script);
        const entry = config === undefined ? "edge.js" : "serve.js";
        const listen = ["serve", "--host=127.0.0.1", "--port=0", "--no-prompt"];
        const alone = ["--no-config", "--no-lock", "--no-npm", "--no-remote"];
        return {
          command: [denoPath(), ...listen, ...alone, entry],
          listening: /deno serve: Listening on http:.*:(\d+)\//,
          env: { DENO_DIR: join(folder, "deno"), DENO_NO_UPDATE_CHECK: "1" },
        };
      }),
  },
  {
    name: "workerd",
    whyNot: () => missing("workerd", workerdPath),
    start: (config) =>
      startIn(async (folder) => {
        await writeBundle(folder);
        const kind = typeof config === "string" ? "text" : "json";
        const value = typeof config === "string" ? config : JSON.stringify(config);
        if (config !== undefined) await writeFile(join(folder, "config"), value);
        const binding = config === undefined ? "" : `(name = "CONFIG", ${kind} = embed "config")`;
        await writeFile(join(folder, "workerd.capnp"), workerdConfig(binding));
        return {
          command: [workerdPath(), "serve", "workerd.capnp", "--control-fd=1"],
          listening: /"port":(\d+)/,
        };
      }),
  },
];

const workerdConfig = (binding: string) => `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:0", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "edge.js", esModule = embed "edge.js")],
  bindings = [${binding}],
  compatibilityDate = "2026-11-01",
);
`;

/** The handler as it is, called by the runtime; or one that passes an environment, where there is a config. */
function withEnvironment(handler: string, config: unknown): string {
  if (config === undefined) return handler;
  return `(request) => ${handler}(request, { CONFIG: ${JSON.stringify(config)} })`;
}

async function writeBundle(folder: string): Promise<void> {
  bundle ??= bundleEdge();
  await writeFile(join(folder, "edge.js"), await bundle);
}

/** The packages' `bin` may be scripts that hold the real program as a child, which would outlive them. */
function denoPath(): string {
  const { runInstall } = require("deno/install_api.cjs") as { readonly runInstall: () => string };
  return runInstall();
}

function workerdPath(): string {
  const { default: path } = require("workerd") as { readonly default: string };
  return path;
}

function missing(name: string, path: () => string): string | undefined {
  try {
    const { exitCode } = Bun.spawnSync([path(), "--version"], {
      stdio: ["ignore", "pipe", "pipe"],
    });
    return exitCode === 0 ? undefined : `${name} does not run`;
  } catch {
    return `${name} is not installed`;
  }
}

interface Launch {
  readonly command: readonly string[];
  /** What it prints once it listens, with the port. */
  readonly listening: RegExp;
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs in a folder of its own, which goes with it. */
async function startIn(prepare: (folder: string) => Promise<Launch>): Promise<EdgeReceiver> {
  const folder = await mkdtemp(join(tmpdir(), "phi-edge-"));
  const { command, listening, env } = await prepare(folder);
  const child = Bun.spawn([...command], {
    cwd: folder,
    env: { ...process.env, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const read = [
    collect(child.stdout, (text) => (output.stdout += text)),
    collect(child.stderr, (text) => (output.stderr += text)),
  ];
  const end = async () => {
    child.kill("SIGKILL");
    await Promise.all([child.exited, ...read]);
    await rm(folder, { recursive: true });
  };
  const deadlineMs = performance.now() + WAIT_MS;
  for (;;) {
    const port = (listening.exec(output.stdout) ?? listening.exec(output.stderr))?.[1];
    if (port !== undefined) {
      const complaints = () => output.stderr.replace(listening, "").trim();
      return { url: `http://127.0.0.1:${port}`, complaints, end };
    }
    if (child.exitCode !== null || performance.now() > deadlineMs) {
      await end();
      throw new Error(`${command.join(" ")} does not listen: ${output.stderr}`);
    }
    await Bun.sleep(10);
  }
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  add: (text: string) => void,
): Promise<void> {
  const decoder = new TextDecoder();
  for await (const chunk of stream) add(decoder.decode(chunk, { stream: true }));
}
