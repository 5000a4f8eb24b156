import { expect, test } from "bun:test";
import { PAGE } from "./page.ts";

test("the page is bundled whole: no imports are left, nothing ends its elements, and it stays small", () => {
  expect(PAGE.script).toContain("/events");
  expect(PAGE.script).not.toMatch(/\bimport\s*[("'{]/u);
  expect(PAGE.script).not.toMatch(/<\/script|<!--/iu);
  expect(PAGE.style).toContain(".uplot");
  expect(PAGE.style).not.toMatch(/@import|<\/style|url\(/iu);
  const bytes = new TextEncoder().encode(PAGE.style + PAGE.script).length;
  expect(bytes).toBeLessThan(190_000);
});
