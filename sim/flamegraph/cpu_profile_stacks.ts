/**
 * Reads stacks from a `.cpuprofile` (Chrome's format, as Bun's `--cpu-prof` writes it), which knows files
 * and lines. It sees the thread of JavaScript that the process began with, and time that it waits is not in it.
 */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Frame, FrameTree } from "./frame_tree.ts";

const CpuProfileSchema = Type.Object({
  nodes: Type.Array(
    Type.Object({
      id: Type.Integer(),
      callFrame: Type.Object({
        functionName: Type.String(),
        url: Type.String(),
        lineNumber: Type.Number(),
      }),
      children: Type.Optional(Type.Array(Type.Integer())),
    }),
  ),
  samples: Type.Array(Type.Integer()),
  /** Microseconds since the sample before. */
  timeDeltas: Type.Array(Type.Number()),
});

const ROOT = "(root)";

/** Only of samples in the last `lastSeconds`. Throws on another format. */
export function readCpuProfile(text: string, lastSeconds: number): FrameTree {
  const profile = Value.Parse(CpuProfileSchema, JSON.parse(text));
  const { nodes, samples, timeDeltas } = profile;
  const callerOf = new Map<number, number>();
  for (const { id, children = [] } of nodes) {
    for (const child of children) callerOf.set(child, id);
  }
  const frameOf = new Map(nodes.map(({ id, callFrame }) => [id, readFrame(callFrame)]));
  const tree = new FrameTree();
  let microsFromEnd = 0;
  for (let place = samples.length - 1; place >= 0; place--) {
    if (microsFromEnd > lastSeconds * 1_000_000) break;
    const stack: Frame[] = [];
    for (let id = samples[place]; id !== undefined; id = callerOf.get(id)) {
      const frame = frameOf.get(id);
      if (frame !== undefined && frame.name !== ROOT) stack.push(frame);
    }
    tree.add([{ name: "phi", kind: "thread" }, ...stack.toReversed()]);
    microsFromEnd += timeDeltas[place] ?? 0;
  }
  return tree;
}

function readFrame({
  functionName,
  url,
  lineNumber,
}: {
  readonly functionName: string;
  readonly url: string;
  readonly lineNumber: number;
}): Frame {
  const name = functionName || "(anonymous)";
  // What is written in the runtime's own language has no place.
  if (url === "" && lineNumber < 0) return { name, kind: "runtime" };
  // Lines are counted from 0 there.
  return { name, kind: "javascript", place: `${url}:${lineNumber + 1}` };
}
