import { expect, test } from "bun:test";
import { outcomeOf } from "./judge.ts";

test("what is killed from outside has noticed nothing; a failure and a limit have", () => {
  expect(outcomeOf(0, null)).toBe("quiet");
  expect(outcomeOf(1, null)).toBe("failed");
  expect(outcomeOf(152, "SIGXCPU")).toBe("cpu");
  expect(outcomeOf(142, "SIGALRM")).toBe("wall");
  expect(outcomeOf(137, "SIGKILL")).toBe("unknown");
});
