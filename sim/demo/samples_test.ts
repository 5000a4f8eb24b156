import { expect, test } from "bun:test";
import { parseSamples } from "./samples.ts";

test("parseSamples() reads names, labels, values and time stamps, and leaves comments out", () => {
  const samples = parseSamples(
    [
      "# HELP phi_suspicion phi, now",
      "# TYPE phi_suspicion gauge",
      'phi_suspicion{target="server1"} 0.25',
      'phi_probes_total{target="a",reason="x"} 3 1700000000000',
      "phi_config_revision 1",
      "",
    ].join("\n"),
  );
  expect(samples.map(({ name, labels, value }) => [name, [...labels], value])).toEqual([
    ["phi_suspicion", [["target", "server1"]], "0.25"],
    [
      "phi_probes_total",
      [
        ["target", "a"],
        ["reason", "x"],
      ],
      "3",
    ],
    ["phi_config_revision", [], "1"],
  ]);
  expect(samples[0]!.line).toBe('phi_suspicion{target="server1"} 0.25');
});

test("parseSamples() undoes escapes, and is not misled by braces and commas in a value", () => {
  const [sample] = parseSamples('up{a="x} 1",b="say \\"\\\\n\\n\\"",c="1,2"} +Inf');
  expect([...sample!.labels]).toEqual([
    ["a", "x} 1"],
    ["b", 'say "\\n\n"'],
    ["c", "1,2"],
  ]);
  expect(sample!.value).toBe("+Inf");
});
