import { expect, test } from "bun:test";
import { Link, SILENT_MS } from "./link.ts";

function makeLink() {
  const now = { ms: 1_000 };
  const link = new Link({ monotonicMs: () => now.ms, wallMs: () => 1e12 + now.ms });
  return { link, now };
}

test("Link is live only once the monitor was heard and the stream stands", () => {
  const { link } = makeLink();
  expect(link.state()).toEqual({ kind: "connecting" });
  link.heard();
  expect(link.state()).toEqual({ kind: "connecting" });
  link.streaming(true);
  expect(link.state()).toEqual({ kind: "live" });
  link.streaming(false);
  expect(link.state()).toEqual({ kind: "connecting" });
});

test("Link is lost at a failed request, since when the monitor was heard last", () => {
  const { link, now } = makeLink();
  link.heard();
  link.streaming(true);
  now.ms = 3_000;
  link.missed(2_000, "refused");
  expect(link.state()).toEqual({ kind: "lost", sinceWallMs: 1e12 + 1_000, why: "refused" });
  link.heard();
  expect(link.state()).toEqual({ kind: "live" });
});

test("Link takes no notice of a failed request if something was heard after it was sent", () => {
  const { link, now } = makeLink();
  link.streaming(true);
  now.ms = 2_500;
  link.heard();
  link.missed(2_000, "took too long");
  expect(link.state()).toEqual({ kind: "live" });
});

test("Link is lost after a silence, a first one too", () => {
  const { link, now } = makeLink();
  now.ms += SILENT_MS;
  expect(link.state().kind).toBe("connecting");
  now.ms += 1;
  expect(link.state()).toEqual({ kind: "lost", sinceWallMs: null, why: "it does not answer" });
  link.heard();
  link.streaming(true);
  now.ms += SILENT_MS + 1;
  expect(link.state()).toMatchObject({ kind: "lost", sinceWallMs: 1e12 + 1_000 + SILENT_MS + 1 });
});

test("Link knows nothing after it was started over, for as long as at first", () => {
  const { link, now } = makeLink();
  link.heard();
  link.streaming(true);
  now.ms += 3_600_000;
  link.startOver();
  expect(link.state()).toEqual({ kind: "connecting" });
  now.ms += SILENT_MS + 1;
  expect(link.state().kind).toBe("lost");
});
