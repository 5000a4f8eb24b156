import { expect, test } from "bun:test";
import type { SelfDoubtChange } from "../../observers/mod.ts";
import { tellSelfDoubt } from "./self_doubt_log.ts";

test("each doubt is said once with what was seen, and so is its end", () => {
  const said: string[] = [];
  const listeners: ((change: SelfDoubtChange) => void)[] = [];
  const onChange = (listener: (change: SelfDoubtChange) => void) => {
    listeners.push(listener);
    return () => {};
  };
  tellSelfDoubt({ onChange }, { tell: (level, line) => said.push(`${level}: ${line}`) });
  const change = listeners[0]!;
  const began = [{ doubt: "paused", detail: "the process did not run for 30 s" }] as const;
  change({ doubts: ["paused", "loop_lag"], began, ended: [] });
  change({ doubts: ["loop_lag"], began: [], ended: ["paused"] });
  change({ doubts: [], began: [], ended: ["loop_lag"] });
  expect(said).toEqual([
    "warning: this monitor doubts itself (paused): the process did not run for 30 s",
    "info: this monitor's doubt is over (paused): loop_lag goes on",
    "info: this monitor's doubt is over (loop_lag): it trusts itself again",
  ]);
});
