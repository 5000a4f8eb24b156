import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { COMBINED_VERDICTS, VERDICTS } from "../../verdict/mod.ts";
import { COLOURED, PLAIN } from "./paint.ts";
import { renderTop, type TopRow, type TopView } from "./top_lines.ts";

const NOW_MS = 1_000_000;

const ROWS: readonly TopRow[] = [
  row({
    name: "server6",
    shown: "down",
    own: "down",
    letters: "dd-",
    sinceMs: NOW_MS - 4_000,
    level: level(812),
  }),
  row({
    name: "server3",
    shown: "partial",
    own: "up",
    letters: "uDd",
    sinceMs: Number.NaN,
    level: level(0.12),
  }),
  row({ name: "test4", shown: "suspect", own: "suspect", letters: "ssu", level: level(8) }),
  row({ name: "server1", letters: "uuu" }),
];

function level(phi: number) {
  return { phi, threshold: 16, suspectPhi: 8 };
}

function row(changes: Partial<TopRow>): TopRow {
  return { name: "x", shown: "up", own: "up", sinceMs: NOW_MS - 3_661_000, ...changes };
}

const OBSERVERS = {
  self: "m1",
  members: 3,
  needed: 2,
  minority: false,
  observers: [
    {
      id: "m1",
      self: true,
      heard: true,
      silentSeconds: 0,
      inDoubt: false,
      doubts: [],
      targets: null,
    },
    {
      id: "m2",
      self: false,
      heard: true,
      silentSeconds: 0.5,
      inDoubt: true,
      doubts: ["loop_lag"],
      targets: null,
    },
    {
      id: "m3",
      self: false,
      heard: false,
      silentSeconds: 12,
      inDoubt: false,
      doubts: [],
      targets: null,
    },
  ],
} as const;

function makeView(changes: Partial<TopView> = {}, rows: readonly TopRow[] = ROWS): TopView {
  return {
    link: { kind: "live" },
    api: "http://127.0.0.1:8000",
    readiness: { watching: 4, revision: 1, pausedSeconds: 0, version: "1", observer: "m1" },
    observers: OBSERVERS,
    cluster: null,
    counts: { down: 1, partial: 1, suspect: 1, unknown: 0, up: 1 },
    rowCount: rows.length,
    row: (index) => rows[index]!,
    offset: 0,
    search: "",
    isSearching: false,
    happenings: [
      {
        number: 2,
        kind: "combined",
        subject: "server6",
        verdict: "down",
        from: "up",
        atMs: NOW_MS,
        isPast: false,
        detail: "m1 and m2 say down",
      },
      {
        number: 1,
        kind: "observer",
        subject: "m3",
        verdict: null,
        from: null,
        atMs: NOW_MS,
        isPast: false,
        detail: "is not heard any more",
      },
    ],
    nowMs: NOW_MS,
    formatTime: () => "12:00:00",
    ...changes,
  };
}

const show = (view: TopView, columns: number, rows: number) =>
  renderTop(view, { columns, rows }, PLAIN).lines;

describe("renderTop()", () => {
  test("shows everything where there is room", () => {
    expect(show(makeView(), 110, 16)).toEqual([
      "phi top · seen by m1 · live",
      "✖ 1 down   ◐ 1 partial   ▲ 1 suspect   ? 0 unknown   ● 1 up",
      "observers: 1 m1  2 m2 in doubt (its event loop was held up)  3 m3 not heard",
      "",
      "VERDICT    FOR           TARGET    PHI/THRESHOLD  123  HERE",
      "✖ down     4 s           server6          812/16  ✖✖-  ✖ down     ███████████████████│",
      "◐ partial                server3         0.12/16  ●~✖  ● up       ··········┊········│",
      "▲ suspect  1 h 1 min     test4           8.00/16  ▲▲●  ▲ suspect  ██████████┊········│",
      "● up       1 h 1 min     server1                  ●●●  ● up",
      "",
      "",
      "",
      "",
      "12:00:00  ✖ server6 is down: m1 and m2 say down",
      "12:00:00  m3 is not heard any more",
      "q quit  ↑ ↓ PgUp PgDn scroll  / search  from 1 of 4",
    ]);
  });

  test("does without the bar, then its own verdict, then φ, where it is narrow", () => {
    const heads = [110, 78, 66, 58, 40].map((columns) => show(makeView(), columns, 16)[4]);
    expect(heads).toEqual([
      "VERDICT    FOR           TARGET    PHI/THRESHOLD  123  HERE",
      "VERDICT    FOR           TARGET    PHI/THRESHOLD  123  HERE",
      "VERDICT    FOR           TARGET    PHI/THRESHOLD  123  HERE",
      "VERDICT    FOR           TARGET    PHI/THRESHOLD  123",
      "VERDICT    FOR           TARGET   123",
    ]);
  });

  test("says in full that it is not live, and since when", () => {
    const link = { kind: "lost", sinceWallMs: 5, why: "it cannot be reached" } as const;
    const [head, alarm] = show(makeView({ link }), 140, 16);
    expect(head).toBe("phi top · seen by m1 · not live");
    expect(alarm).toBe(
      "NOT LIVE: http://127.0.0.1:8000 is not heard since 12:00:00 (it cannot be reached). What is shown is from then.",
    );
  });

  test("warns of the cluster's troubles, of a minority and of its own doubts", () => {
    const [m1, ...others] = OBSERVERS.observers;
    const observers = {
      ...OBSERVERS,
      minority: true,
      observers: [{ ...m1, inDoubt: true, doubts: ["paused"] as const }, ...others],
    };
    const readiness = { ...makeView().readiness!, detail: "There is no quorum." };
    expect(show(makeView({ observers, readiness }), 110, 20).slice(1, 4)).toEqual([
      "Warning: There is no quorum.",
      "Warning: It hears too few of the others to call anything down.",
      "Warning: It doubts itself: its process did not run for a while.",
    ]);
  });

  test("shows the part that was scrolled to, and the search", () => {
    const lines = show(makeView({ offset: 3, search: "ser", happenings: [] }), 110, 10);
    expect(lines[5]).toStartWith("● up       1 h 1 min     server1");
    expect(lines.at(-1)).toBe('q quit  ↑ ↓ PgUp PgDn scroll  / search  search "ser"  from 4 of 4');
    const searching = show(makeView({ isSearching: true, search: "ser" }, []), 110, 12);
    expect(searching[5]).toBe("no target is like that");
    expect(searching.at(-1)).toBe("search: ser_  (Enter keeps it, Esc clears it)");
  });

  test("prints all rows and no keys where nobody looks on, and does not call it live", () => {
    const lines = show(makeView(), 110, Number.POSITIVE_INFINITY);
    expect(lines[0]).toBe("phi top · seen by m1");
    expect(lines.slice(5)).toHaveLength(4);
  });

  test("of a monitor that knows no others it shows no votes", () => {
    const [self] = OBSERVERS.observers;
    const alone = { ...OBSERVERS, observers: [self] };
    expect(show(makeView({ observers: alone }), 110, 16)[3]).toBe(
      "VERDICT    FOR           TARGET    PHI/THRESHOLD",
    );
    const rows = ROWS.map(({ name, shown, own, sinceMs }) => row({ name, shown, own, sinceMs }));
    const lines = show(makeView({ observers: null }, rows), 110, 16);
    expect(lines[1]).toBe("✖ 1 down   ▲ 1 suspect   ? 0 unknown   ● 1 up");
    expect(lines[3]).toBe("VERDICT    FOR           TARGET    PHI/THRESHOLD");
  });

  test("colours add nothing but themselves", () => {
    const size = { columns: 100, rows: 16 };
    const coloured = renderTop(makeView(), size, COLOURED).lines;
    expect(coloured.join("")).toContain("\u001B[1;31m");
    expect(coloured.map((line) => Bun.stripANSI(line))).toEqual([...show(makeView(), 100, 16)]);
  });

  test("lets nothing that a server said move the cursor", () => {
    const happening = makeView().happenings[0]!;
    const view = makeView({ happenings: [{ ...happening, detail: "a\u001B[2Jb\nc" }] });
    expect(show(view, 110, 16).join("")).not.toMatch(/\p{Cc}/u);
  });
});

const anyRow = fc.record({
  name: fc.string({ minLength: 1, maxLength: 128 }),
  shown: fc.constantFrom(...COMBINED_VERDICTS),
  own: fc.constantFrom(...VERDICTS),
  sinceMs: fc.integer({ min: 0, max: NOW_MS }),
  letters: fc.constant("usd"),
  level: fc.record({
    phi: fc.double({ min: 0, max: 1e9, noNaN: true }),
    threshold: fc.constant(16),
    suspectPhi: fc.constant(8),
  }),
});

test("renderTop() never has more lines than the terminal, nor wider ones", () => {
  const size = fc.record({
    columns: fc.integer({ min: 1, max: 200 }),
    rows: fc.integer({ min: 1, max: 60 }),
  });
  fc.assert(
    fc.property(
      fc.array(anyRow, { maxLength: 80 }),
      size,
      fc.boolean(),
      (rows, { columns, rows: height }, isLost) => {
        const link = isLost
          ? ({ kind: "lost", sinceWallMs: 1, why: "it does not answer" } as const)
          : ({ kind: "live" } as const);
        const lines = show(makeView({ link }, rows), columns, height);
        expect(lines.length).toBeLessThanOrEqual(height);
        for (const line of lines) expect(line.length).toBeLessThanOrEqual(columns);
      },
    ),
  );
});
