import { expect, test } from "bun:test";
import { COMBINED_VERDICTS } from "../verdict/mod.ts";
import { renderBadge } from "./badge.ts";

const sizeOf = (svg: string) => /^<svg [^>]*width="(\d+)" height="(\d+)"/.exec(svg)?.slice(1);

test("renderBadge() says name and verdict in words and by a shape, and to those who do not see it", () => {
  const svg = renderBadge("api", "down");
  expect(svg).toContain('role="img" aria-label="api: down"');
  expect(svg).toContain("<title>api: down</title>");
  expect(svg).toContain(">✖ down</text>");
  expect(renderBadge("api", null)).toContain(">not watched</text>");
});

test("renderBadge() is as wide for one verdict as for another", () => {
  const sizes = [...COMBINED_VERDICTS, null].map((verdict) => sizeOf(renderBadge("api", verdict)));
  expect(new Set(sizes.map(String)).size).toBe(1);
});

test("renderBadge() lets nothing in a name become markup, and cuts a long one", () => {
  const svg = renderBadge(`"><script>alert('x')</script>&\u0000`, "up");
  expect(svg).not.toContain("<script");
  expect(svg).not.toContain("\u0000");
  expect(svg).toContain("&quot;&gt;&lt;script&gt;");
  const long = renderBadge("x".repeat(128), "up");
  expect(long).toContain(`>${"x".repeat(39)}…</text>`);
  expect(long).toContain(`<title>${"x".repeat(128)}: up</title>`);
  expect(renderBadge("😀".repeat(60), "up").isWellFormed()).toBe(true);
});

test("renderBadge() is well-formed", async () => {
  const names: string[] = [];
  const rewriter = new HTMLRewriter().on("*", {
    element: ({ tagName }) => void names.push(tagName),
  });
  await rewriter.transform(new Response(renderBadge("a&b", "partial"))).text();
  expect(names).toEqual(["svg", "title", "rect", "path", "g", "text", "text"]);
});
