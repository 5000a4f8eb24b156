/** Child processes of the benches: started by this process, ended by it, talked to by their first line. */
import { fileURLToPath } from "node:url";

export interface Child {
  readonly pid: number;
  readonly firstLine: string;
  stop(): Promise<void>;
}

/** Starts a script of this folder and waits for its first line of output. */
export async function startScript(script: string, ...args: string[]): Promise<Child> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = Bun.spawn([process.execPath, path, ...args], { stdout: "pipe", stderr: "inherit" });
  const reader = child.stdout.getReader();
  let text = "";
  while (!text.includes("\n")) {
    // Each read must end before the next begins.
    const { value, done } = await reader.read();
    if (done) throw new Error(`${script} ended before it said anything`);
    text += new TextDecoder().decode(value);
  }
  return {
    pid: child.pid,
    firstLine: text.slice(0, text.indexOf("\n")),
    stop: async () => {
      child.kill();
      await child.exited;
    },
  };
}

/** Runs a script of this folder to its end; what it printed. */
export async function runScript(script: string, ...args: string[]): Promise<string> {
  const path = fileURLToPath(new URL(script, import.meta.url));
  const child = Bun.spawn([process.execPath, path, ...args], { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  const code = await child.exited;
  if (code !== 0) throw new Error(`${script} ended with ${code}`);
  return text;
}
