import { expect, test } from "bun:test";
import { SERIES } from "./series.ts";

test("SERIES: every name is there once, and is made as Prometheus' conventions say", () => {
  const names = SERIES.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { name, type, help, unit } of SERIES) {
    expect(name).toMatch(/^(?:phi|process|server)_[a-z_]+$/);
    expect(name.endsWith("_total")).toBe(type === "counter");
    expect(name.endsWith("_info")).toBe(type === "info");
    if (unit !== undefined) expect(name).toContain(`_${unit}`);
    expect(help).toMatch(/^[A-Z0-9].*\.$/);
  }
});

test("SERIES: only the monitor's own have no label that says whose they are", () => {
  for (const { name, labels } of SERIES) {
    const isOfSomebody =
      labels.includes("target") || labels.includes("server_name") || labels.includes("observer");
    expect(
      isOfSomebody ||
        /^(?:phi_(?:build|targets|config|monitor|event|schedule|raft|alerts?|silences|history)|process)_?/.test(
          name,
        ),
    ).toBe(true);
  }
});
