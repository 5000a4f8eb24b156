/**
 * Reads stacks from the text of `perf script -F comm,tid,ip,sym,dso`. JavaScript has the names of a
 * `perf-PID.map`; the runtime's own code has none, and is shown as one frame for however many in a row.
 */
import { type Frame, FrameTree } from "./frame_tree.ts";

const THREAD = /^(?<name>\S.*?)\s+\d+\s*$/u;
const FRAME = /^\s+[0-9a-f]+ (?<symbol>.*) \((?<file>[^()]*)\)$/u;
/** A piece of JavaScriptCore's code: what it is made by, and the name with a hash after it. */
const COMPILED = /^JSC-(?:Baseline|DFG|FTL|LLInt): (?<name>.*?)(?:#[A-Za-z0-9]{6})?$/u;
/** The thread that writes the names down: it is only there because they are wanted. */
const NAMING_THREAD = "JSC PerfLog";
/** Pieces of machinery that belong to the function that they are called by. */
const MACHINERY = /^JSC-/u;

export function readPerfScript(text: string): FrameTree {
  const tree = new FrameTree();
  let stack: Frame[] = [];
  let thread: string | undefined;
  const finish = (): void => {
    if (thread !== undefined && thread !== NAMING_THREAD) {
      tree.add([{ name: thread, kind: "thread" }, ...stack.toReversed()]);
    }
    [thread, stack] = [undefined, []];
  };
  for (const line of text.split("\n")) {
    const frame = FRAME.exec(line)?.groups;
    if (frame !== undefined) {
      const read = readFrame(frame["symbol"]!, frame["file"]!);
      if (read !== undefined && !isSameRuntime(read, stack.at(-1))) stack.push(read);
      continue;
    }
    finish();
    thread = THREAD.exec(line)?.groups?.["name"];
  }
  finish();
  return tree;
}

function readFrame(symbol: string, file: string): Frame | undefined {
  const compiled = COMPILED.exec(symbol)?.groups;
  if (compiled !== undefined) {
    return { name: compiled["name"] || "(anonymous)", kind: "javascript" };
  }
  if (MACHINERY.test(symbol)) return undefined;
  if (/^\[(?:kernel|.*\.ko)/u.test(file)) return { name: symbol, kind: "kernel" };
  const isLibrary = /\.so(?:\.|$)|^\[/u.test(file);
  if (isLibrary && symbol !== "[unknown]") return { name: symbol, kind: "system" };
  const base = file.slice(file.lastIndexOf("/") + 1);
  if (isLibrary) return { name: `(${base})`, kind: "system" };
  if (/^perf-\d+\.map$/u.test(base) || file === "//anon") {
    return { name: "(code without a name)", kind: "runtime" };
  }
  return { name: symbol === "[unknown]" ? "(Bun)" : symbol, kind: "runtime" };
}

function isSameRuntime(frame: Frame, callee: Frame | undefined): boolean {
  return frame.kind === "runtime" && callee?.kind === "runtime" && callee.name === frame.name;
}
