import { describe, expect, test } from "bun:test";
import { readCpuProfile } from "./cpu_profile_stacks.ts";
import { FrameTree } from "./frame_tree.ts";
import { readPerfScript } from "./perf_stacks.ts";
import { drawFlameGraph } from "./svg.ts";

const PERF_SCRIPT = `phi  3713 
\t    7fc0037e7d12 JSC-InlineCache: GetById (/tmp/perf-3713.map)
\t    7fc0037e7d12 JSC-DFG: #readLine#CptyHo (/tmp/perf-3713.map)
\t    7fc003717307 JSC-Baseline: #AM4WYY (/tmp/perf-3713.map)
\t         18562c4 [unknown] (/opt/phi)
\t         1a28ff8 [unknown] (/opt/phi)
\t           2724a __libc_start_call_main (/usr/lib/x86_64-linux-gnu/libc.so.6)

phi  3713 
\tffffffff81e3cc81 tcp_sendmsg ([kernel.kallsyms])
\t         18562c4 [unknown] (/opt/phi)

raft storage  3720 
\t           10a7f [unknown] (/usr/lib/x86_64-linux-gnu/libc.so.6)

JSC PerfLog  3721 
\tffffffff81e3cc81 fsync ([kernel.kallsyms])

`;

describe("readPerfScript()", () => {
  test("names JavaScript, folds the runtime's own code, leaves out the thread that writes names", () => {
    expect(readPerfScript(PERF_SCRIPT).folded()).toBe(
      "phi;(Bun);tcp_sendmsg 1\n" +
        "phi;__libc_start_call_main;(Bun);(anonymous);#readLine 1\n" +
        "raft storage;(libc.so.6) 1\n",
    );
  });
});

const frame = (functionName: string, url: string, lineNumber: number) => ({
  functionName,
  url,
  lineNumber,
});

describe("readCpuProfile()", () => {
  const profile = JSON.stringify({
    nodes: [
      { id: 1, callFrame: frame("(root)", "", -1), children: [2, 4] },
      { id: 2, callFrame: frame("tick", "src/raft/core.ts", 147), children: [3] },
      { id: 3, callFrame: frame("write", "", -1) },
      { id: 4, callFrame: frame("", "src/main.ts", 0) },
    ],
    samples: [4, 3, 2, 3],
    timeDeltas: [1_000_000, 1_000_000, 1_000_000, 1_000_000],
  });

  test("gives stacks from the outermost frame, with places", () => {
    const tree = readCpuProfile(profile, 10);
    expect(tree.folded()).toBe("phi;(anonymous) 1\nphi;tick 1\nphi;tick;write 2\n");
    const [anonymous, tick] = tree.root().callees[0]!.callees;
    expect(anonymous!.place).toBe("src/main.ts:1");
    expect([tick!.place, tick!.kind]).toEqual(["src/raft/core.ts:148", "javascript"]);
    expect(tick!.callees[0]!.kind).toBe("runtime");
  });

  test("takes only the end of it: what the process did at its start is not asked about", () => {
    expect(readCpuProfile(profile, 1.5).samples).toBe(2);
  });

  test("throws at what is no profile", () => {
    expect(() => readCpuProfile("{}", 1)).toThrow();
  });
});

const javascript = (name: string) => ({ name, kind: "javascript" as const });

describe("drawFlameGraph()", () => {
  test("makes a frame as wide as its share, on top of its caller", () => {
    const tree = new FrameTree();
    tree.add([javascript("caller"), javascript("left")], 3);
    tree.add([javascript("caller"), javascript("right")], 1);
    const svg = drawFlameGraph(tree.root(), { title: "a < b", subtitle: "" });
    expect(svg).toContain("<title>left: 3 samples, 75.0 %</title>");
    const rects = [
      ...svg.matchAll(/<rect x="([\d.]+)" y="([\d.]+)" width="([\d.]+)" height="16"/gu),
    ];
    const [all, caller, left, right] = rects.map((match) => match.slice(1).map(Number));
    expect([all![2], caller![2], left![2], right![2]]).toEqual([1_180, 1_180, 885, 295]);
    expect(right![0]).toBe(left![0]! + left![2]!);
    expect(caller![1]).toBe(left![1]! + 17);
    expect(svg).toContain("a &lt; b");
  });

  test("draws nothing but its frame where there is no sample", () => {
    const svg = drawFlameGraph(new FrameTree().root(), { title: "none", subtitle: "" });
    expect(svg).toContain("none");
    expect(svg).not.toContain('class="frame"');
  });
});
