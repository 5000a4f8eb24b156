import { expect, test } from "bun:test";
import type { Logger } from "@logtape/logtape";
import type {
  CombinedChange,
  ObserverChange,
  ObserverReading,
  ObserversReading,
} from "../../observers/mod.ts";
import { logObservers } from "./observer_log.ts";

/** As much of a logger, and of observers, as is called. */
function listen(memberCount: number) {
  const lines: string[] = [];
  const write = (level: string) => (line: string, properties: Record<string, unknown>) =>
    lines.push(
      `${level}: ${line.replace(/\{(\w+)\}/gu, (_, name: string) => String(properties[name]))}`,
    );
  const log = { info: write("info"), warning: write("warning") } as unknown as Logger;
  const combined = new Set<(change: CombinedChange) => void>();
  const observer = new Set<(change: ObserverChange) => void>();
  const observers = {
    memberCount,
    onCombinedChange: (listener: (change: CombinedChange) => void) => {
      combined.add(listener);
      return () => combined.delete(listener);
    },
    onObserverChange: (listener: (change: ObserverChange) => void) => {
      observer.add(listener);
      return () => observer.delete(listener);
    },
  } as unknown as ObserversReading;
  const stop = logObservers(observers, log);
  const change = (to: CombinedChange["to"]) => {
    for (const listener of combined) {
      listener({
        isNews: true,
        target: "s",
        from: "suspect",
        to,
        dissenters: [],
        reason: "a says so",
        atWallMs: 0,
      });
    }
  };
  const tell = (reading: Partial<ObserverReading>) => {
    const known = { id: "b", isSelf: false, isHeard: true, silentMs: 0, targetCounts: null };
    for (const listener of observer) {
      listener({ observer: { ...known, doubts: [], ...reading }, atWallMs: 0 });
    }
  };
  return { lines, change, tell, stop };
}

test("a change of a combined verdict is one line that says who says what", () => {
  const { lines, change, stop } = listen(3);
  change("down");
  change("up");
  stop();
  change("down");
  expect(lines).toEqual([
    "warning: s, all observers: suspect -> down: a says so",
    "info: s, all observers: suspect -> up: a says so",
  ]);
});

test("a monitor that is alone has said it with its own verdicts", () => {
  const { lines, change } = listen(1);
  change("down");
  expect(lines).toEqual([]);
});

test("who of the others is heard, and doubts itself, is said; this one's doubts are said elsewhere", () => {
  const { lines, tell, stop } = listen(3);
  tell({});
  tell({ doubts: ["paused", "loop_lag"] });
  tell({ isHeard: false });
  tell({ id: "a", isSelf: true, doubts: ["self_probe"] });
  stop();
  tell({});
  expect(lines).toEqual([
    "info: b is heard, and trusts itself",
    "warning: b doubts itself (paused, loop_lag): its votes are not counted",
    "warning: b is not heard: it is not counted as saying anything",
  ]);
});
