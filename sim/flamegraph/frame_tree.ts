/**
 * Stacks, merged: where two stacks begin alike, they share their frames. What a flame graph draws, and, as
 * folded lines, what other tools read.
 */

/** Where the code of a frame is from. */
export type FrameKind = "thread" | "javascript" | "runtime" | "system" | "kernel";

export interface Frame {
  readonly name: string;
  readonly kind: FrameKind;
  /** `src/raft/core.ts:148`, where that is known. */
  readonly place?: string;
}

export interface FrameNode extends Frame {
  /** Of this frame and all above it. */
  readonly samples: number;
  /** By name, in ascending order. */
  readonly callees: readonly FrameNode[];
}

interface GrowingNode extends Frame {
  samples: number;
  readonly callees: Map<string, GrowingNode>;
}

export class FrameTree {
  readonly #root: GrowingNode = growing({ name: "all", kind: "thread" });

  /** Takes a stack from its outermost frame to its innermost, seen so many times. */
  add(stack: readonly Frame[], samples = 1): void {
    let node = this.#root;
    node.samples += samples;
    for (const frame of stack) {
      const key = `${frame.kind} ${frame.name} ${frame.place ?? ""}`;
      const known = node.callees.get(key);
      const callee = known ?? growing(frame);
      if (known === undefined) node.callees.set(key, callee);
      callee.samples += samples;
      node = callee;
    }
  }

  get samples(): number {
    return this.#root.samples;
  }

  /** As it is now. */
  root(): FrameNode {
    return frozen(this.#root);
  }

  /** One line for each stack and what it has seen itself: `outer;inner 12`. */
  folded(): string {
    const lines: string[] = [];
    const visit = ({ callees, samples }: FrameNode, path: string): void => {
      const own = samples - callees.reduce((sum, callee) => sum + callee.samples, 0);
      if (own > 0 && path !== "") lines.push(`${path} ${own}\n`);
      for (const callee of callees) {
        const name = callee.name.replaceAll(";", ",");
        visit(callee, path === "" ? name : `${path};${name}`);
      }
    };
    visit(this.root(), "");
    return lines.join("");
  }
}

function growing({ name, kind, place }: Frame): GrowingNode {
  return { name, kind, ...(place !== undefined && { place }), samples: 0, callees: new Map() };
}

function frozen({ callees, ...node }: GrowingNode): FrameNode {
  const sorted = Array.from(callees.values(), frozen).toSorted((left, right) =>
    left.name < right.name ? -1 : 1,
  );
  return { ...node, callees: sorted };
}
