import { expect, test } from "bun:test";
import { negotiate } from "./accept.ts";

const OFFERED = ["application/json", "application/yaml"] as const;

test.each([
  [null, "application/json"],
  ["", "application/json"],
  ["*/*", "application/json"],
  ["application/yaml", "application/yaml"],
  ["APPLICATION/YAML", "application/yaml"],
  ["text/html, application/yaml;q=0.5", "application/yaml"],
  ["application/json;q=0.1, application/yaml", "application/yaml"],
  ["application/json;q=0, */*", "application/yaml"],
  ["application/*;q=0.2", "application/json"],
  ["application/*, application/json;q=0.3", "application/yaml"],
  ["text/html", null],
  // Of old clients: not as the standard writes a number, but meant.
  ["text/html, image/gif, *; q=.2, */*; q=.2", "application/json"],
  ["*/*;q=0", null],
  ["application/json;q=nonsense", null],
] as const)("negotiate() of %p takes %p", (header, expected) => {
  expect(negotiate(header, OFFERED)).toBe(expected);
});
