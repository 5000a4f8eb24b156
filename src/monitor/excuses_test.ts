import { describe, expect, test } from "bun:test";
import { endsExcuse, heardAgainMs, type Excuses } from "./excuses.ts";

/** Of an hour, and of a moment a minute and a half later. */
const HOUR = { wokeMs: 610_000, lastedMs: 3_600_000 };
const STALL = { wokeMs: 700_000, lastedMs: 150 };

const NEVER_ASKED: Excuses = {
  intervalMs: 60_000,
  timeoutMs: 5_000,
  isPushed: false,
  watchedSinceMs: 1_000,
  askedSinceWakingMs: -Infinity,
};

const askedAt = (askedSinceWakingMs: number) => ({ ...NEVER_ASKED, askedSinceWakingMs });

describe("heardAgainMs()", () => {
  test("gives a target that was not asked yet as long as the pause lasted, or two intervals from its start", () => {
    expect(heardAgainMs(NEVER_ASKED, [])).toBe(121_000);
    expect(heardAgainMs(NEVER_ASKED, [HOUR])).toBe(4_210_000);
    expect(heardAgainMs(askedAt(600_000), [HOUR])).toBe(4_210_000);
    expect(heardAgainMs(askedAt(600_000), [])).toBe(-Infinity);
  });

  test("gives one that was asked since an interval to answer, and no more for a stall that follows", () => {
    expect(heardAgainMs(askedAt(660_000), [HOUR])).toBe(720_000);
    expect(heardAgainMs(askedAt(660_000), [HOUR, STALL])).toBe(720_000);
    // Asked for the sake of the stall: a slot of the pause's own came an interval and a timeout after it, if not sooner.
    expect(heardAgainMs(askedAt(700_100), [HOUR, STALL])).toBe(735_000);
    expect(heardAgainMs(askedAt(2_000_000), [HOUR, STALL])).toBe(735_000);
  });

  test("gives one that reports two intervals, whatever comes after the pause", () => {
    const pushed = { ...NEVER_ASKED, isPushed: true };
    expect(heardAgainMs(pushed, [])).toBe(-Infinity);
    expect(heardAgainMs(pushed, [HOUR])).toBe(730_000);
    expect(heardAgainMs(pushed, [HOUR, STALL])).toBe(730_000);
    expect(heardAgainMs(pushed, [STALL])).toBe(700_150);
  });
});

describe("endsExcuse()", () => {
  test("is true of the first question, and of the first after a pause that still excuses", () => {
    expect(endsExcuse(1_000, -Infinity, [])).toBe(true);
    expect(endsExcuse(660_000, 1_000, [])).toBe(false);
    expect(endsExcuse(660_000, 1_000, [HOUR])).toBe(true);
    expect(endsExcuse(700_100, 660_000, [HOUR, STALL])).toBe(true);
    expect(endsExcuse(720_000, 660_000, [HOUR, STALL])).toBe(false);
  });
});
