import { describe, expect, test } from "bun:test";
import { makeRun } from "./_test_run.ts";
import { element, text } from "./element.ts";
import { LEFT, RIGHT, TimeScale, WIDTH } from "./frame.ts";
import { svgReport } from "./svg.ts";

const svg = svgReport(makeRun());

/** The attributes of every element of that name. */
function all(name: string): Map<string, string>[] {
  return [...svg.matchAll(new RegExp(`<${name}((?: [\\w-]+="[^"]*")*)/?>`, "gu"))].map(
    (match) =>
      new Map(
        [...match[1]!.matchAll(/ ([\w-]+)="([^"]*)"/gu)].map(([, key, value]) => [key!, value!]),
      ),
  );
}

const texts = [...svg.matchAll(/<text[^>]*>([^<]*)<\/text>/gu)].map((match) => match[1]!);
const numbers = (points: string) => points.split(/[ ,]/u).map(Number);

describe("svgReport()", () => {
  test("every element is closed, in order, and nothing is outside of them", () => {
    const open: string[] = [];
    for (const [, slash, name, self] of svg.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/gu)) {
      if (slash === "/") expect(open.pop()).toBe(name);
      else if (self !== "/") open.push(name!);
    }
    expect(open).toEqual([]);
    expect(svg.startsWith("<svg ")).toBe(true);
    expect(svg.endsWith("</svg>\n")).toBe(true);
  });

  test("has a line for each target of each monitor, inside the plot", () => {
    const lines = all("polyline").map((attributes) => numbers(attributes.get("points")!));
    expect(lines).toHaveLength(4);
    const xs = lines.flatMap((line) => line.filter((_, index) => index % 2 === 0));
    expect(Math.min(...xs)).toBe(LEFT);
    expect(Math.max(...xs)).toBeLessThanOrEqual(RIGHT);
    expect(xs.concat(lines.flat()).every(Number.isFinite)).toBe(true);
  });

  test("φ beyond all levels stays in its panel", () => {
    const [, dead] = all("polyline").map((attributes) => numbers(attributes.get("points")!));
    const ys = dead!.filter((_, index) => index % 2 === 1);
    expect(Math.max(...ys) - Math.min(...ys)).toBe(120);
    expect(ys.at(-1)).toBe(Math.min(...ys));
  });

  test("draws each fault over the time that it lasted, an open one to the end", () => {
    const bands = all("rect").filter((attributes) => attributes.has("fill-opacity"));
    const time = new TimeScale(20_000);
    const edges = bands.map((band) => {
      const x = Number(band.get("x"));
      return [x, x + Number(band.get("width"))];
    });
    expect(edges.map(([from]) => from)).toEqual([time.x(3_000), time.x(5_000)]);
    expect(edges[0]![1]).toBeCloseTo(time.x(12_000), 1);
    expect(edges[1]![1]).toBeCloseTo(RIGHT, 1);
    expect(texts).toContain("server2 killed");
    expect(texts).toContain("monitor2 paused");
  });

  test("says who led, who was silent, and what came of it", () => {
    expect(texts.filter((each) => each === "leads")).toHaveLength(1);
    expect(texts).toContain("silent");
    expect(texts).toContain("server2 is down: 2.52 s");
    expect(texts.filter((each) => each === "ok" || each === "not ok")).toEqual(["ok", "not ok"]);
  });

  test("has a mark of its own for what was not to be known", () => {
    const findings = [{ claim: "server2 is down together", isMet: null, measured: "never" }];
    expect(svgReport(makeRun({ findings }))).toContain(">?</text>");
  });

  test("escapes what it is given", () => {
    expect(svg).toContain("one &lt;server&gt; is killed &amp; stays dead");
  });

  test("nothing begins beyond the picture", () => {
    const [picture] = all("svg");
    const height = Number(picture!.get("height"));
    for (const attributes of [...all("rect"), ...all("text")]) {
      expect(Number(attributes.get("x") ?? 0)).toBeWithin(0, WIDTH + 1);
      expect(Number(attributes.get("y") ?? 0)).toBeWithin(0, height + 1);
    }
  });

  test("a run without faults, without samples and without writes can be drawn", () => {
    const { evidence } = makeRun();
    const empty = svgReport({
      evidence: {
        ...evidence,
        faults: [],
        operations: [],
        recording: { samples: [], silences: [], notes: [] },
      },
      findings: [],
    });
    expect(empty).not.toContain("NaN");
    expect(empty).not.toContain("Infinity");
  });
});

describe("element()", () => {
  test("escapes attributes and text, and lets markup through", () => {
    const inner = element("b", { c: '"&' }, ["<d>"]);
    expect(element("a", { x: 1.26 }, [inner]).markup).toBe(
      '<a x="1.3"><b c="&quot;&amp;">&lt;d&gt;</b></a>',
    );
    expect(text(1, 2, "t").markup).toBe('<text x="1" y="2">t</text>');
  });
});

describe("TimeScale", () => {
  test("leads the run's time to the width of the plots", () => {
    const time = new TimeScale(10_000);
    expect([time.x(0), time.x(10_000), time.x(-1), time.x(Infinity)]).toEqual([
      LEFT,
      RIGHT,
      LEFT,
      RIGHT,
    ]);
  });

  test("has some ticks, and never many", () => {
    expect(new TimeScale(12_000).ticksMs()).toEqual([0, 5_000, 10_000]);
    for (const durationMs of [1, 30_000, 100_000, 1_000_000, 9_000_000]) {
      expect(new TimeScale(durationMs).ticksMs().length).toBeWithin(1, 17);
    }
  });
});
