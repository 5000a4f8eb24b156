/**
 * The page for people, as text: what the monitor sees in, HTML out, in pieces. Bad news comes first. It
 * has no script and asks for nothing else; the browser fetches it again every few seconds.
 */
import { type MonitorReading, type WatchReading, VERDICTS, type Verdict } from "../monitor/mod.ts";
import type { ClusterStatus } from "../cluster/mod.ts";
import { escapeHtml } from "./html.ts";
import { renderCluster } from "./page_cluster.ts";
import { PAGE_STYLE } from "./page_style.ts";
import { formatRfc3339 } from "./rfc3339.ts";
import { silenceMs, suspectPhi } from "./views.ts";

/** More rows than these help nobody, and browsers suffer. */
export const MAX_ROWS = 1_000;

const REFRESH_SECONDS = 5;

const WORST_FIRST = ["down", "suspect", "unknown", "up"] as const satisfies readonly Verdict[];

/** A shape for each verdict, so that colour is not the only sign. */
const SIGNS: Readonly<Record<Verdict, string>> = { down: "✖", suspect: "▲", unknown: "?", up: "●" };

export interface PageInput {
  readonly monitor: MonitorReading;
  /** Undefined where there is none. */
  readonly cluster: ClusterStatus | undefined;
  readonly wallMs: number;
  readonly version: string;
  readonly observer: string | undefined;
  /** False if the reader asked for a page that stands still. */
  readonly refreshes: boolean;
}

/** One piece of text for about each row: whoever sends it decides how many go together. */
export function* renderPage(input: PageInput): Generator<string> {
  const groups = groupByVerdict(input.monitor);
  const cluster = input.cluster === undefined ? "" : renderCluster(input.cluster);
  yield renderHead(input) + cluster + renderCounts(groups, input);
  const nowMs = input.monitor.nowMs();
  let rowCount = 0;
  for (const verdict of WORST_FIRST) {
    for (const watch of groups[verdict].slice(0, MAX_ROWS - rowCount)) {
      yield renderRow(watch, verdict, input.monitor, nowMs);
      rowCount++;
    }
  }
  yield "</tbody></table></main></body></html>\n";
}

type Groups = Readonly<Record<Verdict, readonly WatchReading[]>>;

/** In the order of the config within each: rows that jump about cannot be read. */
function groupByVerdict(monitor: MonitorReading): Groups {
  const groups: Record<Verdict, WatchReading[]> = { unknown: [], up: [], suspect: [], down: [] };
  for (const watch of monitor.watches()) groups[watch.verdict].push(watch);
  return groups;
}

function renderHead({ observer, refreshes, version, wallMs }: PageInput): string {
  const title = observer === undefined ? "phi" : `phi · ${escapeHtml(observer)}`;
  const at = formatRfc3339(wallMs)?.replace(/\.\d+/, "") ?? "";
  const refresh = refreshes ? `<meta http-equiv="refresh" content="${REFRESH_SECONDS}">` : "";
  const toggle = refreshes
    ? `every ${REFRESH_SECONDS} s · <a href="/?refresh=off">hold</a>`
    : '<a href="/">refresh</a>';
  return `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>${title}</title>
<meta name="viewport" content="width=device-width, initial-scale=1">${refresh}
<link rel="icon" href="data:,"><style>${PAGE_STYLE}</style></head><body>
<header><h1>${title}</h1><span class="dim">${escapeHtml(version)} · <time>${at}</time> · ${toggle}</span>
<nav><a href="/metrics">metrics</a> <a href="/targets">targets</a> <a href="/events">events</a>
<a href="/config">config</a> <a href="/openapi">API</a></nav></header>
<main>`;
}

function renderCounts(groups: Groups, { monitor }: PageInput): string {
  const counts = WORST_FIRST.map(
    (verdict) => `<li><b>${groups[verdict].length}</b> ${renderVerdict(verdict)}</li>`,
  );
  const total = VERDICTS.reduce((sum, verdict) => sum + groups[verdict].length, 0);
  const cut = total > MAX_ROWS ? `<p>The worst ${MAX_ROWS} of ${total} targets are shown.</p>` : "";
  const paused =
    monitor.pausedMs >= 1_000
      ? `<p class="dim">This monitor itself did not run for ${formatSpan(monitor.pausedMs)} in all; that is not counted as silence.</p>`
      : "";
  if (total === 0) {
    return `<p>Nothing is watched yet. <code>curl -X PUT http://HOST/config --json '{"name":"a","url":"http://..."}'</code> adds a target.</p><table><tbody>`;
  }
  return `<ul aria-label="Targets by verdict">${counts.join("")}</ul>${cut}${paused}<table role="table">
<thead role="rowgroup"><tr role="row">${COLUMNS.map(renderColumn).join("")}</tr></thead><tbody role="rowgroup">
`;
}

const COLUMNS = ["Verdict", "Target", "φ of threshold", "Last heartbeat", "Last error"];

function renderColumn(name: string): string {
  return `<th scope="col" role="columnheader">${name}</th>`;
}

function renderVerdict(verdict: Verdict): string {
  return `<span class="verdict ${verdict}"><span aria-hidden="true">${SIGNS[verdict]}</span> ${verdict}</span>`;
}

function renderRow(
  watch: WatchReading,
  verdict: Verdict,
  monitor: MonitorReading,
  nowMs: number,
): string {
  const { name, url } = watch.target;
  const since = formatSpan(nowMs - watch.verdictSinceMs);
  // The roles keep it a table where the style of small screens takes the cells apart.
  return `<tr role="row"><td role="cell">${renderVerdict(verdict)} <small>for ${since}</small></td>
<td role="cell"><a href="/targets/${encodeURIComponent(name)}">${escapeHtml(name)}</a><small>${escapeHtml(url)}</small></td>
<td role="cell" class="number">${renderPhi(watch, verdict, nowMs)}</td>
<td role="cell" class="number seen">${renderLastHeartbeat(watch, monitor, nowMs)}</td>
<td role="cell" class="error">${renderLastError(watch, monitor)}</td></tr>
`;
}

/** The number, and a bar that is full at the threshold, with a mark where suspicion begins. */
function renderPhi(watch: WatchReading, verdict: Verdict, nowMs: number): string {
  const phi = watch.phi(nowMs);
  const { threshold } = watch.target.monitor;
  const percent = (value: number) => (Math.min(value / threshold, 1) * 100).toFixed(1);
  return (
    `${formatPhi(phi)} <span class="dim">/ ${threshold}</span>` +
    '<svg viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true">' +
    '<rect class="rail" width="100" height="8"/>' +
    `<rect class="${verdict}" width="${percent(phi)}" height="8"/>` +
    `<rect class="mark" x="${percent(suspectPhi(watch))}" width="1" height="8"/></svg>`
  );
}

/** Two places are enough to watch it rise; from a million on, the magnitude is all that counts. */
function formatPhi(phi: number): string {
  return phi < 1e6 ? phi.toFixed(2) : phi.toExponential(1);
}

function renderLastHeartbeat(watch: WatchReading, monitor: MonitorReading, nowMs: number): string {
  const silence = formatSpan(silenceMs(watch, nowMs));
  const at = formatRfc3339(monitor.wallMsOf(watch.lastHeartbeatMs));
  if (at === null) return `none in ${silence}`;
  return `<time datetime="${at}" title="${at}">${silence} ago</time>`;
}

function renderLastError({ lastError }: WatchReading, monitor: MonitorReading): string {
  if (lastError === null) return "";
  const at = formatRfc3339(lastError.atWallMs) ?? "";
  const agoMs = monitor.wallMsOf(monitor.nowMs()) - lastError.atWallMs;
  return (
    `<b>${escapeHtml(lastError.reason)}</b> <time class="dim" datetime="${at}" title="${at}">` +
    `${formatSpan(agoMs)} ago</time><small>${escapeHtml(lastError.detail)}</small>`
  );
}

/** A span of time in its two largest units; tenths below ten seconds. */
export function formatSpan(ms: number): string {
  const seconds = Math.max(0, ms) / 1_000;
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${whole % 60} s`;
  const minutes = Math.floor(whole / 60);
  if (minutes < 1_440) return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.floor(minutes / 1_440)} d ${Math.floor(minutes / 60) % 24} h`;
}
