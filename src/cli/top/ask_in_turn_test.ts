import { expect, test } from "bun:test";
import { askInTurn } from "./ask_in_turn.ts";

const APIS = ["http://one:1", "http://two:2"];
const TOO_LATE = new DOMException("late", "TimeoutError");

/** Monitors that answer nothing but `/readyz`; what hangs ends when it is aborted. */
async function answer({ url, signal }: Request): Promise<Response> {
  if (url.endsWith("/readyz")) return new Response("{}");
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(new Error("aborted")));
  });
}

/** Asks for what hangs, lets `meanwhile` happen, and aborts it for this reason. */
async function askAndAbort(
  asking: ReturnType<typeof askInTurn>,
  reason: unknown,
  meanwhile: () => Promise<unknown> = async () => {},
): Promise<void> {
  const controller = new AbortController();
  const asked = asking.fetch("/targets", { signal: controller.signal });
  await meanwhile();
  controller.abort(reason);
  await asked.catch(() => {});
}

test("askInTurn() leaves a monitor that has let one request wait for too long", async () => {
  const asking = askInTurn(APIS, answer);
  await askAndAbort(asking, TOO_LATE);
  expect(asking.api()).toBe("http://two:2");
  await askAndAbort(asking, TOO_LATE);
  expect(asking.api()).toBe("http://one:1");
});

test("askInTurn() stays with one whose answer is not wanted, or that was slow while it answered others", async () => {
  const asking = askInTurn(APIS, answer);
  await askAndAbort(asking, undefined);
  await askAndAbort(asking, TOO_LATE, () => asking.fetch("/readyz", {}));
  expect(asking.api()).toBe("http://one:1");
});

test("askInTurn() ends the stream of the monitor that it leaves, and of a lone one not", async () => {
  for (const [apis, isEnded] of [
    [APIS, true],
    [["http://one:1"], false],
  ] as const) {
    const asking = askInTurn(apis, answer);
    let hasEnded = false;
    const { signal } = new AbortController();
    const stream = asking.fetch("/events", { signal }).catch(() => {
      hasEnded = true;
    });
    await askAndAbort(asking, TOO_LATE);
    if (isEnded) await stream;
    expect(hasEnded).toBe(isEnded);
  }
});
