import { Command } from "commander";
import { expect, test } from "bun:test";
import { addMonitor } from "../../src/cli/monitor_flags.ts";
import { MONITOR_VARIABLES } from "./demo_processes.ts";

test("MONITOR_VARIABLES has every variable that a monitor reads its flags from", () => {
  const program = new Command();
  addMonitor(program, async () => {});
  const variables = program.commands.flatMap(({ options }) =>
    options.flatMap(({ envVar }) => envVar ?? []),
  );
  expect(variables).toContain("ALERTS");
  expect(variables.filter((variable) => !MONITOR_VARIABLES.has(variable))).toEqual([]);
});
