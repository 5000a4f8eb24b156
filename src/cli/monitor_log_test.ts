import { expect, test } from "bun:test";
import type { Logger } from "@logtape/logtape";
import type { OpenMember } from "./member/open_member.ts";
import type { MonitorArguments } from "./monitor_flags.ts";
import { logStart } from "./monitor_log.ts";

/** The warnings of a monitor b that starts with `join`, in a cluster of these members. */
function warningsOf(join: string | undefined, ids: readonly string[]): readonly string[] {
  const warnings: string[] = [];
  const warning = (line: string, values: Record<string, string>) =>
    void warnings.push(line.replaceAll(/\{(\w+)\}/gu, (_, name: string) => values[name]!));
  const log = { info: () => {}, warning } as unknown as Logger;
  const members = ids.map((id) => ({ id, address: `${id}:7000` }));
  const member = {
    node: { status: () => ({ id: "b", clusterId: "c1", members }) },
    store: { readLocal: () => ({ targets: { size: 1 } }) },
    isFounder: false,
  } as unknown as OpenMember;
  const flags = { datadir: "/data", join } as unknown as MonitorArguments;
  logStart(flags, member, [], "1.2.3", log);
  return warnings;
}

test("logStart() says that --join is not followed by one whose data says that it is alone", () => {
  expect(warningsOf("a:8000", ["b"])).toEqual([
    "--join a:8000 is not followed: by the data in /data b is the only member of cluster c1. " +
      "If it was to join another one, start it with an empty data directory",
  ]);
});

test("logStart() says nothing of a --join that was followed, nor where there is none", () => {
  expect(warningsOf("a:8000", ["a", "b"])).toEqual([]);
  // It was removed.
  expect(warningsOf("a:8000", ["a"])).toEqual([]);
  expect(warningsOf(undefined, ["b"])).toEqual([]);
});
