/** The program's own stdout and stderr, where what takes them takes no more, or takes its time. */
import { afterEach, describe, expect, test } from "bun:test";
import { fileURLToPath } from "node:url";
import { makeMember, targetsOf } from "./_test_member.ts";

const MAIN = fileURLToPath(new URL("../main.ts", import.meta.url));
const OUTPUT = new URL("output.ts", import.meta.url).href;

const servers: Bun.Server<undefined>[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop(true);
});

/** A member with so many targets, over a real socket. */
async function serve(count: number): Promise<string> {
  const { store, fetch } = makeMember();
  const names = Array.from({ length: count }, (_, place) => [`s${place}`, {}] as const);
  await store.replace(targetsOf(Object.fromEntries(names)));
  const server = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch });
  servers.push(server);
  return `http://127.0.0.1:${server.port}`;
}

/** Runs Bun with `args` in a line of the shell, where `phi` stands for it; what the line wrote itself. */
async function shell(line: string, args: readonly string[]) {
  const script = `phi() { "$bun" "$@"; }; bun=$0; ${line}`;
  const child = Bun.spawn(["sh", "-c", script, process.execPath, ...args], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { stdout, stderr, code };
}

const backup = async (line: string, count: number) =>
  shell(line, [MAIN, "backup", "--api", await serve(count)]);

describe("stdout", () => {
  test("that cannot hold it all makes a failure of what would else be a smaller config", async () => {
    for (const count of [1, 2_000]) {
      const { stderr, code } = await backup('phi "$@" >/dev/full', count);
      expect([code, stderr]).toEqual([
        1,
        expect.stringMatching(/^phi: stdout: ENOSPC: .* what it has got is not all\n$/u),
      ]);
    }
  });

  test("that nobody reads any more is no failure", async () => {
    const { stdout, stderr } = await backup('{ phi "$@"; echo "exit $?" >&2; } | true', 2_000);
    expect([stdout, stderr]).toEqual(["", "exit 0\n"]);
  });

  test("that is read slowly gets all, beyond what a pipe holds", async () => {
    const slow = await backup('{ phi "$@"; echo "exit $?" >&2; } | { sleep 1; cat; }', 2_000);
    expect(slow.stderr).toBe("exit 0\n");
    expect(slow.stdout.length).toBeGreaterThan(100_000);
    expect(slow.stdout.match(/- name: /gu)).toHaveLength(2_000);
  });
});

describe("stderr", () => {
  const terminal = `const { terminal } = await import(${JSON.stringify(OUTPUT)});`;
  // As a command that goes on for long: not as what a program still does while it starts.
  const goesOn = `${terminal}
    setInterval(() => terminal.say("still here"), 10);
    setTimeout(() => process.exit(7), 300);`;

  test.each([
    ["is full", 'phi "$@" 2>/dev/full; echo "exit $?"'],
    ["nobody reads any more", '{ { phi "$@" 2>&1 >/dev/null; echo "exit $?" >&3; } | true; } 3>&1'],
  ])("that %s ends nobody who says something", async (_, line) => {
    const { stdout } = await shell(line, ["-e", goesOn]);
    expect(stdout).toBe("exit 7\n");
  });

  test("that nobody takes holds nobody up at the end", async () => {
    const program = `${terminal}
      terminal.say("x".repeat(200_000));
      await terminal.drained();
      process.stdout.write("ended", () => process.exit());`;
    // The shell itself has the pipe open to read, and never does.
    const line = 'pipe=$(mktemp -u); mkfifo "$pipe"; exec 4<>"$pipe"; rm "$pipe"; phi "$@" 2>&4';
    expect((await shell(line, ["-e", program])).stdout).toBe("ended");
  });
});
