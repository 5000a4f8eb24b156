/**
 * What `phi top` shows, as lines of text that fit: what is known in, lines out. Knows nothing of terminals but how many
 * columns and rows there are.
 */
import type { ClusterStatus } from "../../cluster/mod.ts";
import {
  cellOf,
  countOf,
  describeDoubts,
  formatPhi,
  formatWholeSpan,
  type Happening,
  type LinkState,
  type ObserversAnswer,
  type ReadinessAnswer,
  SIGNS,
  WORST_FIRST,
} from "../../ui/mod.ts";
import type { CombinedVerdict, Verdict } from "../../verdict/mod.ts";
import type { Paint } from "./paint.ts";

export interface TopRow {
  readonly name: string;
  /** What counts: the combined verdict where there is one. */
  readonly shown: CombinedVerdict;
  readonly own: Verdict;
  /** Unix time; NaN if not known. */
  readonly sinceMs: number;
  /** Absent while they were not asked for. */
  readonly level?: {
    readonly phi: number;
    readonly threshold: number;
    readonly suspectPhi: number;
  };
  /** A letter an observer, as in `GET /observers/matrix`. */
  readonly letters?: string;
}

export interface TopView {
  readonly link: LinkState;
  /** Who is asked: a URL. */
  readonly api: string;
  readonly readiness: ReadinessAnswer | null;
  readonly observers: ObserversAnswer | null;
  readonly cluster: ClusterStatus | null;
  readonly counts: Readonly<Record<CombinedVerdict, number>>;
  /** Of those that are to be shown, the worst first, from `offset` on. */
  readonly rowCount: number;
  readonly row: (index: number) => TopRow;
  readonly offset: number;
  readonly search: string;
  readonly isSearching: boolean;
  /** The newest first. */
  readonly happenings: readonly Happening[];
  /** Unix time by the monitor's clock, of what is shown. */
  readonly nowMs: number;
  readonly formatTime: (wallMs: number) => string;
}

export interface TopSize {
  readonly columns: number;
  /** Infinity for all rows and no keys: nobody can scroll what is printed. */
  readonly rows: number;
}

const MAX_HAPPENINGS = 5;
const MIN_TARGET_ROWS = 5;
const BAR_WIDTH = 20;

export interface TopLines {
  readonly lines: readonly string[];
  /** How many targets have room. */
  readonly room: number;
}

/** No line is wider than the terminal, and there are no more lines than it has rows. */
export function renderTop(view: TopView, size: TopSize, paint: Paint): TopLines {
  const { columns } = size;
  const head = [
    ...describeMonitor(view, size, paint),
    describeCounts(view, columns, paint),
    ...describeObservers(view, columns, paint),
    "",
  ];
  const isPrinted = size.rows === Number.POSITIVE_INFINITY;
  const foot = isPrinted ? [] : [describeKeys(view, columns, paint)];
  const free = size.rows - head.length - foot.length - 1;
  const happenings = isPrinted
    ? []
    : view.happenings.slice(0, Math.max(0, Math.min(MAX_HAPPENINGS, free - MIN_TARGET_ROWS - 1)));
  const news = happenings.map((happening) => describeHappening(happening, view, columns, paint));
  const room = Math.max(0, free - (news.length === 0 ? 0 : news.length + 1));
  const table = renderTable(view, columns, room, paint);
  const rows = table.slice(1);
  const padding = isPrinted ? [] : Array.from({ length: room - rows.length }, () => "");
  const lines = [
    ...head,
    ...table,
    ...padding,
    ...(news.length === 0 ? [] : ["", ...news]),
    ...foot,
  ];
  return { lines: isPrinted ? lines : lines.slice(0, size.rows), room };
}

function describeMonitor(view: TopView, { columns, rows }: TopSize, paint: Paint): string[] {
  const { link, readiness, cluster, observers, api } = view;
  const who = readiness?.observer ?? api;
  const parts = [`phi top · seen by ${who}`];
  // What is printed is not live any more when somebody reads it.
  if (rows !== Number.POSITIVE_INFINITY) parts.push(LINK_WORDS[link.kind]);
  if (cluster !== null) {
    const led = cluster.leader === null ? "no leader" : `led by ${cluster.leader}`;
    const state = cluster.halted !== null ? "halted here" : cluster.quorum ? "quorum" : "no quorum";
    parts.push(`${countOf(cluster.members.length, "member")}, ${led}, ${state}`);
  }
  const lines = [paint("bold", fit(parts.join(" · "), columns))];
  if (link.kind === "lost") {
    const since = link.sinceWallMs === null ? "" : ` since ${view.formatTime(link.sinceWallMs)}`;
    const what = since === "" ? "" : " What is shown is from then.";
    lines.push(
      paint("alarm", fit(`NOT LIVE: ${api} is not heard${since} (${link.why}).${what}`, columns)),
    );
  }
  const self = observers?.observers.find((observer) => observer.self);
  const troubles = [
    readiness?.detail,
    observers?.minority === true
      ? "It hears too few of the others to call anything down."
      : undefined,
    self?.inDoubt === true ? `It doubts itself: ${describeDoubts(self.doubts)}.` : undefined,
  ];
  for (const trouble of troubles) {
    if (trouble !== undefined) lines.push(paint("suspect", fit(`Warning: ${trouble}`, columns)));
  }
  return lines;
}

const LINK_WORDS = { connecting: "connecting", live: "live", lost: "not live" } as const;

function describeCounts({ counts, observers }: TopView, columns: number, paint: Paint): string {
  const verdicts = WORST_FIRST.filter((verdict) => verdict !== "partial" || hasOthers(observers));
  const parts = verdicts.map((verdict): [CombinedVerdict, string] => [
    verdict,
    `${SIGNS[verdict]} ${counts[verdict]} ${verdict}`,
  ]);
  let width = 0;
  let line = "";
  for (const [verdict, text] of parts) {
    if (width + text.length > columns) break;
    line += `${paint(counts[verdict] === 0 ? "dim" : verdict, text)}   `;
    width += text.length + 3;
  }
  return line.trimEnd();
}

/** Which number is who: the table's column of votes has a character an observer. */
function describeObservers({ observers }: TopView, columns: number, paint: Paint): string[] {
  if (!hasOthers(observers)) return [];
  const parts = observers.observers.map(({ id, heard, inDoubt, doubts }, at) => {
    const state = !heard ? " not heard" : inDoubt ? ` in doubt (${describeDoubts(doubts)})` : "";
    return `${at + 1} ${id}${state}`;
  });
  return [paint("dim", fit(`observers: ${parts.join("  ")}`, columns))];
}

/** A lone monitor's own verdict is the combined one. */
function hasOthers(observers: ObserversAnswer | null): observers is ObserversAnswer {
  return observers !== null && observers.observers.length > 1;
}

interface Column {
  readonly head: string;
  readonly width: number;
  readonly isRight?: boolean;
  readonly cell: (row: TopRow) => string;
}

/** The head, and as many rows as have room. */
function renderTable(view: TopView, columns: number, room: number, paint: Paint): string[] {
  const end = Math.min(view.rowCount, view.offset + room);
  const rows: TopRow[] = [];
  for (let index = view.offset; index < end; index++) rows.push(view.row(index));
  const layout = layOut(view, rows, columns);
  const write = (cells: readonly string[]) =>
    layout
      .map(({ width, isRight }, at) => pad(cells[at] ?? "", width, isRight ?? false))
      .join("  ")
      .slice(0, columns)
      .trimEnd();
  const lines = rows.map((row) => paint(row.shown, write(layout.map(({ cell }) => cell(row)))));
  if (rows.length === 0) {
    lines.push(fit(view.search === "" ? "nothing is watched" : "no target is like that", columns));
  }
  return [paint("dim", write(layout.map(({ head }) => head))), ...lines.slice(0, room)];
}

function layOut({ observers, nowMs }: TopView, rows: readonly TopRow[], columns: number): Column[] {
  const isAlone = !hasOthers(observers);
  const letterCount = isAlone ? 0 : Math.max(0, ...rows.map(({ letters }) => letters?.length ?? 0));
  const fixed: Column[] = [
    { head: "VERDICT", width: 9, cell: ({ shown }) => `${SIGNS[shown]} ${shown}` },
    {
      head: "FOR",
      width: 12,
      cell: ({ sinceMs }) => (Number.isNaN(sinceMs) ? "" : formatWholeSpan(nowMs - sinceMs)),
    },
  ];
  const optional: Column[] = [
    {
      head: "PHI/THRESHOLD",
      width: 14,
      isRight: true,
      cell: ({ level }) =>
        level === undefined ? "" : `${formatPhi(level.phi)}/${level.threshold}`,
    },
    ...(letterCount === 0
      ? []
      : [
          {
            head: numbersUpTo(letterCount),
            width: letterCount,
            cell: ({ letters }: TopRow) => signsOf(letters),
          },
        ]),
    ...(isAlone
      ? []
      : [{ head: "HERE", width: 9, cell: ({ own }: TopRow) => `${SIGNS[own]} ${own}` }]),
    { head: "", width: BAR_WIDTH, cell: barOf },
  ];
  const longest = Math.max(6, ...rows.map(({ name }) => name.length));
  const widthOf = (chosen: readonly Column[]) =>
    chosen.reduce((sum, { width }) => sum + width + 2, 0);
  const kept: Column[] = [];
  // The name has a right to twenty columns before anything that can be done without.
  const nameMin = Math.min(longest, 20);
  for (const column of optional) {
    if (widthOf([...fixed, ...kept, column]) + nameMin <= columns) kept.push(column);
  }
  const nameWidth = Math.max(1, Math.min(longest, columns - widthOf([...fixed, ...kept])));
  return [...fixed, { head: "TARGET", width: nameWidth, cell: ({ name }) => name }, ...kept];
}

/** `123`; from the tenth on by the last digit. */
function numbersUpTo(count: number): string {
  return Array.from({ length: count }, (_, at) => String((at + 1) % 10)).join("");
}

/** A sign an observer; a tilde for one that is not counted because it doubts itself, a dash for one that is not heard. */
function signsOf(letters = ""): string {
  return letters
    .split("")
    .map((letter) => {
      const { verdict, isCounted } = cellOf(letter);
      if (verdict === null) return "-";
      return isCounted ? SIGNS[verdict] : "~";
    })
    .join("");
}

/** Full at the threshold, with a mark where suspicion begins. */
function barOf({ level }: TopRow): string {
  if (level === undefined) return "";
  const places = BAR_WIDTH - 1;
  const filled = Math.round(Math.min(1, level.phi / level.threshold) * places);
  const mark = Math.round((level.suspectPhi / level.threshold) * places);
  const rail = Array.from({ length: places }, (_, at) =>
    at < filled ? "█" : at === mark ? "┊" : "·",
  );
  return `${rail.join("")}│`;
}

function describeHappening(
  { subject, verdict, kind, detail, atMs }: Happening,
  view: TopView,
  columns: number,
  paint: Paint,
): string {
  const time = view.formatTime(atMs);
  if (verdict === null) return fit(`${time}  ${subject} ${detail}`, columns);
  const where = kind === "own" ? " seen from here" : "";
  return paint(
    verdict,
    fit(`${time}  ${SIGNS[verdict]} ${subject} is ${verdict}${where}: ${detail}`, columns),
  );
}

function describeKeys(view: TopView, columns: number, paint: Paint): string {
  const { rowCount, offset, search, isSearching } = view;
  if (isSearching) return fit(`search: ${search}_  (Enter keeps it, Esc clears it)`, columns);
  const place = rowCount === 0 ? "0" : `${offset + 1} of ${rowCount}`;
  const found = search === "" ? "" : `  search "${search}"`;
  return paint(
    "dim",
    fit(`q quit  ↑ ↓ PgUp PgDn scroll  / search${found}  from ${place}`, columns),
  );
}

/** One line, no control characters, no wider than there is room. */
function fit(text: string, columns: number): string {
  const clean = text.replaceAll(/\p{Cc}+/gu, " ");
  return clean.length <= columns ? clean : `${clean.slice(0, Math.max(0, columns - 1))}…`;
}

function pad(text: string, width: number, isRight: boolean): string {
  const fitted = fit(text, width);
  return isRight ? fitted.padStart(width) : fitted.padEnd(width);
}
