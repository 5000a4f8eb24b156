/**
 * Every file in `testdata` is decoded: what `valid_x` gives, and every line that `invalid_x` earns, is in the
 * `.txt` beside it, for people to review. UPDATE_GOLDEN=1 writes them anew.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { decodeConfigText } from "./decode_config.ts";
import { encodeTarget } from "./encode.ts";
import { formatConfigError } from "./errors.ts";

const folder = `${import.meta.dir}/testdata`;
const files = readdirSync(folder).filter((file) => /\.(yml|json)$/.test(file));

function outcomeOf(file: string): string {
  const decoded = decodeConfigText(readFileSync(`${folder}/${file}`), file);
  if (!decoded.ok) return `${decoded.errors.map(formatConfigError).join("\n")}\n`;
  return `${JSON.stringify(decoded.targets.map(encodeTarget), null, 2)}\n`;
}

describe("decodeConfigText()", () => {
  for (const file of files) {
    const golden = `${folder}/${file.replace(/\.\w+$/, ".txt")}`;
    test(`says of testdata/${file} what is in ${golden.split("/").at(-1)}`, () => {
      const outcome = outcomeOf(file);
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, outcome);
      expect(outcome).toBe(readFileSync(golden, "utf8"));
      expect(outcome.startsWith("[")).toBe(file.startsWith("valid_"));
    });
  }
});
