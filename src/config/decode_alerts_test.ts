/**
 * Every file in `testdata/alerts` is decoded: what `valid_x` gives, and every line that `invalid_x` earns, is in
 * the `.txt` beside it, for people to review. UPDATE_GOLDEN=1 writes them anew.
 */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import * as fc from "fast-check";
import { decodeAlertsText } from "./decode_alerts.ts";
import { formatConfigError } from "./errors.ts";

const folder = `${import.meta.dir}/testdata/alerts`;
const files = readdirSync(folder).filter((file) => file.endsWith(".yml"));

function outcomeOf(file: string): string {
  const decoded = decodeAlertsText(readFileSync(`${folder}/${file}`), file);
  if (!decoded.ok) return `${decoded.errors.map(formatConfigError).join("\n")}\n`;
  return `${JSON.stringify(decoded.alerts, null, 2)}\n`;
}

describe("decodeAlertsText()", () => {
  for (const file of files) {
    const golden = `${folder}/${file.replace(/\.\w+$/u, ".txt")}`;
    test(`says of testdata/alerts/${file} what is in ${golden.split("/").at(-1)}`, () => {
      const outcome = outcomeOf(file);
      if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, outcome);
      expect(outcome).toBe(readFileSync(golden, "utf8"));
      expect(outcome.startsWith("{")).toBe(file.startsWith("valid_"));
      // Some URLs are as good as a password.
      expect(outcome).not.toContain("hunter2");
    });
  }

  test("takes the file that docs/alerts.md shows", () => {
    const docs = readFileSync(`${import.meta.dir}/../../docs/alerts.md`, "utf8");
    const shown = /```yaml\n(?<file>.*?)```/su.exec(docs)!.groups!["file"]!;
    const decoded = decodeAlertsText(shown, "alerts.yml");
    expect(decoded.ok && decoded.alerts.receivers.map(({ name }) => name)).toEqual([
      "oncall",
      "chat",
    ]);
  });

  test("never throws, and says something of what it does not take", () => {
    const receiver = fc.record(
      { name: fc.anything(), alertmanager: fc.anything(), webhook: fc.anything() },
      { requiredKeys: [] },
    );
    const anyFile = fc.oneof(
      fc.string(),
      fc.record({ receivers: fc.array(receiver), rules: fc.anything() }).map(asText),
    );
    fc.assert(
      fc.property(anyFile, (source) => {
        const decoded = decodeAlertsText(source);
        expect(decoded.ok || decoded.errors.length > 0).toBe(true);
      }),
    );
  });
});

function asText(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "bigint" ? part.toString() : part,
  );
}
