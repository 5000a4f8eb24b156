/**
 * Runs a program under strace and says what it did to the files of one directory, in the order in which
 * the system was done with it, and what it wrote to stdout in between.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { needs } from "./needs.ts";

/** Files go by their names in the directory. */
export type FileEvent =
  | { readonly kind: "create"; readonly file: string }
  | {
      readonly kind: "write";
      readonly file: string;
      readonly place: number;
      readonly bytes: Uint8Array;
    }
  | { readonly kind: "truncate"; readonly file: string; readonly length: number }
  | { readonly kind: "sync"; readonly file: string }
  /** Which files there are is durable. */
  | { readonly kind: "syncDirectory" }
  | { readonly kind: "rename"; readonly file: string; readonly to: string }
  | { readonly kind: "delete"; readonly file: string }
  | { readonly kind: "said"; readonly line: string };

/** Names with a question mark are not known on every machine. */
const CALLS =
  "openat,?open,pwrite64,ftruncate,fsync,fdatasync,?rename,?renameat,?renameat2,?unlink,?unlinkat,write";

/** Whether programs can be traced here; says so if not. */
export function canTrace(): boolean {
  if (!needs("strace")) return false;
  const probe = Bun.spawnSync(["strace", "-o", "/dev/null", "true"]);
  if (probe.exitCode === 0) return true;
  const reason = `strace cannot trace here: ${probe.stderr.toString().trim()}`;
  if (process.env["CI"] === "true") throw new Error(reason);
  console.warn(`skipped: ${reason}`);
  return false;
}

/** What `command` does, until it ends or kills itself. Throws if it fails otherwise. */
export async function traceFiles(
  command: readonly string[],
  directory: string,
): Promise<FileEvent[]> {
  const output = mkdtempSync(join(tmpdir(), "phi-trace-"));
  const file = join(output, "trace");
  try {
    // Paths of descriptors (-y), and all bytes in hexadecimal (-xx): nothing has to be unquoted.
    const options = ["-f", "-y", "-xx", "-s", "65536", "-e", `trace=${CALLS}`, "-e", "signal=none"];
    const child = Bun.spawn(["strace", ...options, "-o", file, ...command], {
      stdout: "ignore",
      stderr: "pipe",
    });
    const [problems, code] = await Promise.all([new Response(child.stderr).text(), child.exited]);
    if (code !== 0 && child.signalCode !== "SIGKILL") {
      throw new Error(`${command.join(" ")} ended with ${code}: ${problems}`);
    }
    return wholeCalls(readFileSync(file, "latin1")).flatMap((call) => eventsOf(call, directory));
  } finally {
    rmSync(output, { recursive: true });
  }
}

/** Calls that strace shows in two parts, since other threads made some meanwhile, as one, at their end. */
function wholeCalls(trace: string): string[] {
  const begun = new Map<string, string>();
  const calls: string[] = [];
  for (const line of trace.split("\n")) {
    const [, thread = "", rest = ""] = /^(\d+) +(.*)$/u.exec(line) ?? [];
    const resumed = /^<\.\.\. \w+ resumed>(.*)$/u.exec(rest);
    if (rest.includes("<unfinished ...>"))
      begun.set(thread, rest.replace(/ *<unfinished \.\.\.>/u, ""));
    else if (resumed === null) calls.push(rest);
    else calls.push((begun.get(thread) ?? "") + resumed[1]!);
  }
  return calls;
}

function eventsOf(call: string, directory: string): FileEvent[] {
  const [, name, values, result] = /^(\w+)\((.*)\) += (-?\d+)/u.exec(call) ?? [];
  if (name === undefined || values === undefined || Number(result) < 0) return [];
  const quoted = [...values.matchAll(/"((?:\\x[0-9a-f]{2})*)"/gu)].map(([, hex]) => unescape(hex!));
  const descriptor = /^\d+<((?:\\x[0-9a-f]{2})*)>/u.exec(values)?.[1];
  const path = descriptor === undefined ? text(quoted[0]) : text(unescape(descriptor));
  const numbers = values.match(/\b\d+\b(?=,|$)/gu)?.map(Number) ?? [];
  if (name === "write") {
    // Its standard output goes nowhere; that of a program which it runs goes to it.
    const isItsOwn = values.startsWith("1<") && path === "/dev/null";
    const lines = isItsOwn ? text(quoted[0]).trimEnd().split("\n") : [];
    return lines.map((line) => ({ kind: "said", line }));
  }
  if (path === directory && name.endsWith("sync")) return [{ kind: "syncDirectory" }];
  if (dirname(path) !== directory) return [];
  const file = basename(path);
  switch (name.replace(/at2?$/u, "")) {
    case "open": {
      const created: FileEvent[] = values.includes("O_CREAT") ? [{ kind: "create", file }] : [];
      return values.includes("O_TRUNC")
        ? [...created, { kind: "truncate", file, length: 0 }]
        : created;
    }
    case "pwrite64":
      return [{ kind: "write", file, place: numbers.at(-1)!, bytes: quoted[0]! }];
    case "ftruncate":
      return [{ kind: "truncate", file, length: numbers.at(-1)! }];
    case "fsync":
    case "fdatasync":
      return [{ kind: "sync", file }];
    case "rename":
      return [{ kind: "rename", file, to: basename(text(quoted[1])) }];
    case "unlink":
      return [{ kind: "delete", file }];
    default:
      return [];
  }
}

/** `\x61\x62` as bytes. */
function unescape(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 4 }, (_, place) =>
    Number.parseInt(hex.slice(place * 4 + 2, place * 4 + 4), 16),
  );
}

function text(bytes: Uint8Array | undefined): string {
  return new TextDecoder().decode(bytes);
}
