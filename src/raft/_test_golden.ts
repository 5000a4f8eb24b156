/** Named bytes as a text file that people can review; UPDATE_GOLDEN=1 writes the file anew. */
import { expect } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";

/** Fails unless the file at `path`, from this folder, shows just these bytes. */
export function expectGolden(path: string, named: readonly (readonly [string, Uint8Array])[]) {
  const text = named.map(([name, bytes]) => `${name}\n${hexLines(bytes)}\n`).join("\n");
  const golden = `${import.meta.dir}/${path}`;
  if (process.env["UPDATE_GOLDEN"] === "1") writeFileSync(golden, text);
  expect(text).toBe(readFileSync(golden, "utf8"));
}

/** Sixteen bytes a line, as numbers and as text. */
function hexLines(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let place = 0; place < bytes.length; place += 16) {
    const line = [...bytes.subarray(place, place + 16)];
    const hex = line.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = line.map((byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "."));
    lines.push(`  ${hex.padEnd(47)}  ${text.join("")}`);
  }
  return lines.join("\n");
}
