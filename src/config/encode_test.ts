import { describe, expect, test } from "bun:test";
import { Value } from "@sinclair/typebox/value";
import * as fc from "fast-check";
import { parseDocument } from "yaml";
import { anyServers, anyTargetInput } from "../../test/kit/arbitrary_target.ts";
import { decodeConfigText } from "./decode_config.ts";
import { decodeTarget, decodeTargetText } from "./decode_target.ts";
import {
  encodeConfigJson,
  encodeConfigYaml,
  encodeTarget,
  encodeTargetBriefly,
  encodeTargetYaml,
} from "./encode.ts";
import { formatConfigError } from "./errors.ts";
import { TargetInputSchema, type TargetInput } from "./target_input.ts";
import { TargetSchema, type Target } from "./target.ts";

function decoded(input: TargetInput): Target {
  const result = decodeTarget(input);
  if (!result.ok) throw new Error(result.errors.map(formatConfigError).join("\n"));
  return result.target;
}

function decodedText(text: string, format: "yaml" | "json"): readonly Target[] {
  const result = decodeConfigText(text, "servers", format);
  if (!result.ok) throw new Error(result.errors.map(formatConfigError).join("\n"));
  return result.targets;
}

function briefMonitor(monitor: NonNullable<TargetInput["monitor"]>): unknown {
  return encodeTargetBriefly(decoded({ name: "a", url: "push:", monitor }))["monitor"];
}

describe("encoding", () => {
  test("round-trips every config through YAML and through JSON", () => {
    fc.assert(
      fc.property(anyServers, (inputs) => {
        const targets = inputs.map(decoded);
        expect(decodedText(encodeConfigYaml(targets), "yaml")).toEqual(targets);
        expect(decodedText(encodeConfigJson(targets), "json")).toEqual(targets);
      }),
      { numRuns: 500 },
    );
  });

  test("round-trips every target, shown in full or briefly, as a value and as text", () => {
    fc.assert(
      fc.property(anyTargetInput, (input) => {
        const target = decoded(input);
        expect(decodeTarget(encodeTarget(target))).toEqual({ ok: true, target });
        expect(decodeTargetText(encodeTargetYaml(target), "yaml")).toEqual({ ok: true, target });
        const brief = encodeTargetBriefly(target);
        expect(Value.Check(TargetInputSchema, brief)).toBe(true);
        expect(decodeTargetText(JSON.stringify(brief))).toEqual({ ok: true, target });
      }),
      { numRuns: 500 },
    );
  });

  test("leaves a threshold out only where it is its model's own", () => {
    expect(briefMonitor({ model: "calibrated", threshold: 16 })).toEqual({
      model: "calibrated",
      threshold: 16,
    });
    expect(briefMonitor({ model: "calibrated", threshold: 6 })).toEqual({ model: "calibrated" });
    expect(briefMonitor({ model: "normal", threshold: 6 })).toEqual({
      model: "normal",
      threshold: 6,
    });
    expect(briefMonitor({ threshold: 16 })).toBeUndefined();
  });

  test("decodes to what the schema of a target says", () => {
    fc.assert(
      fc.property(anyTargetInput, (input) => {
        expect([...Value.Errors(TargetSchema, decoded(input))]).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });

  test("encodeConfigYaml() writes names that every reader of YAML takes as text", () => {
    const names = ["010", "1.10", "2024-01-31", "no", "null", "true", "a:", "-", "~x".slice(1)];
    const yaml = encodeConfigYaml(names.map((name) => decoded({ name, url: "push:" })));
    for (const version of ["1.1", "1.2"] as const) {
      const servers: unknown = parseDocument(yaml, { version }).toJS();
      expect(servers).toEqual({ servers: names.map((name) => ({ name, url: "push:" })) });
    }
  });

  test("encodeConfigYaml() reads like what people write", () => {
    const target = decoded({
      name: "server1",
      url: "http://10.1.0.101:8080/heartbeat",
      expect: { status: [200, "300-302"] },
      labels: { team: "core: payments" },
      monitor: { threshold: 8 },
    });
    expect(encodeConfigYaml([target])).toBe(
      `servers:
  - name: server1
    url: http://10.1.0.101:8080/heartbeat
    expect:
      status: [200, 300-302]
    labels:
      team: "core: payments"
    monitor:
      threshold: 8
`,
    );
    expect(encodeConfigYaml([])).toBe("servers: []\n");
  });
});
