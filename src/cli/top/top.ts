/**
 * `phi top`: what a monitor sees, live in a terminal, the worst first. Where nobody can look on (a pipe, a file) it is
 * printed once, whole.
 */
import type { Clock, Timers } from "../../port.ts";
import { type BoardFilter, type BoardRow, lettersOf, LiveFeed, NO_FILTER } from "../../ui/mod.ts";
import { openApiClient, type ApiClientArguments, type ApiClientGrants } from "../api_client.ts";
import { EXIT_DONE, fail, misuse, type ExitCode, type Output } from "../output.ts";
import { type Asking, askInTurn } from "./ask_in_turn.ts";
import { COLOURED, PLAIN } from "./paint.ts";
import { printTop } from "./print_top.ts";
import type { Screen } from "./screen.ts";
import { renderTop, type TopRow, type TopView } from "./top_lines.ts";

export interface TopArguments extends ApiClientArguments {
  /** Prints it once, as JSON. */
  readonly json?: boolean;
}

export interface TopGrants extends ApiClientGrants {
  readonly clock: Clock;
  readonly timers: Timers;
  readonly output: Output;
  /** Undefined where there is none. */
  readonly screen: Screen | undefined;
  readonly isColoured: boolean;
  readonly shutdownRequested: () => Promise<string>;
}

const RENDER_EVERY_MS = 200;
const TICK_MS = 1_000;

export async function runTop(flags: TopArguments, grants: TopGrants): Promise<ExitCode> {
  const { output, screen } = grants;
  const opened = await openApiClient(flags, grants);
  if (!opened.ok) return misuse(output, opened.message);
  if (screen === undefined || flags.json === true) {
    return printTop(opened.client, { isJson: flags.json ?? false, formatTime }, output);
  }
  const first = await opened.client.call("/readyz");
  if (!first.ok) return fail(output, first.message);
  const others = opened.apis.filter((api) => api !== first.api);
  await showLive(askInTurn([first.api, ...others], opened.fetch), screen, grants);
  return EXIT_DONE;
}

/** Until somebody has seen enough. */
async function showLive(asking: Asking, screen: Screen, grants: TopGrants): Promise<void> {
  const { promise, resolve: quit } = Promise.withResolvers<void>();
  const top = new LiveTop(asking, screen, grants, quit);
  void grants.shutdownRequested().then(() => quit());
  try {
    top.open();
    await promise;
  } finally {
    top.close();
  }
}

class LiveTop {
  readonly #asking: Asking;
  readonly #screen: Screen;
  readonly #grants: TopGrants;
  readonly #quit: () => void;
  readonly #feed: LiveFeed;
  #offset = 0;
  #room = 1;
  #filter: BoardFilter = NO_FILTER;
  #isSearching = false;
  #isDue = false;
  #isOpen = false;

  constructor(asking: Asking, screen: Screen, grants: TopGrants, quit: () => void) {
    this.#asking = asking;
    this.#screen = screen;
    this.#grants = grants;
    this.#quit = quit;
    const { clock, timers } = grants;
    this.#feed = new LiveFeed({ fetch: asking.fetch, clock, timers }, () => this.#soon());
  }

  open(): void {
    this.#isOpen = true;
    this.#screen.open(
      (key) => this.#onKey(key),
      () => this.#render(),
    );
    this.#feed.start();
    this.#tick();
  }

  close(): void {
    this.#isOpen = false;
    this.#feed.stop();
    this.#screen.close();
  }

  #soon(): void {
    if (this.#isDue || !this.#isOpen) return;
    this.#isDue = true;
    this.#grants.timers.after(RENDER_EVERY_MS, () => {
      this.#isDue = false;
      this.#render();
    });
  }

  #tick(): void {
    if (!this.#isOpen) return;
    this.#soon();
    this.#grants.timers.after(TICK_MS, () => this.#tick());
  }

  #render(): void {
    if (!this.#isOpen) return;
    const { size } = this.#screen;
    const view = this.#view();
    const paint = this.#grants.isColoured ? COLOURED : PLAIN;
    const { lines, room } = renderTop(view, size, paint);
    this.#room = Math.max(1, room);
    this.#screen.draw(lines);
    const shown = this.#feed.board.rows(this.#filter).slice(this.#offset, this.#offset + room);
    this.#feed.look(shown.map(({ name }) => name));
  }

  #view(): TopView {
    const feed = this.#feed;
    const board = feed.board.rows(this.#filter);
    this.#offset = Math.max(0, Math.min(this.#offset, board.length - this.#room));
    return {
      link: feed.link.state(),
      api: this.#asking.api(),
      readiness: feed.readiness,
      observers: feed.observers,
      cluster: feed.cluster,
      counts: feed.board.counts(),
      rowCount: board.length,
      row: (index) => this.#row(board[index]!),
      offset: this.#offset,
      search: this.#filter.search,
      isSearching: this.#isSearching,
      happenings: feed.happenings.all,
      nowMs: feed.asOfMs(),
      formatTime,
    };
  }

  #row({ name, shown, verdict: own, sinceMs }: BoardRow): TopRow {
    const level = this.#feed.seen.get(name);
    const letters = lettersOf(this.#feed.matrix, name);
    return {
      name,
      shown,
      own,
      sinceMs,
      ...(level !== undefined && { level }),
      ...(letters !== undefined && { letters }),
    };
  }

  #onKey(key: string): void {
    if (key === "interrupt") this.#quit();
    else if (this.#isSearching) this.#onSearchKey(key);
    else this.#onViewKey(key);
    this.#render();
  }

  #onViewKey(key: string): void {
    const steps: Readonly<Record<string, number>> = {
      up: -1,
      k: -1,
      down: 1,
      j: 1,
      pageup: -this.#room,
      pagedown: this.#room,
      " ": this.#room,
      home: Number.NEGATIVE_INFINITY,
      end: this.#feed.board.size,
    };
    if (key === "q") this.#quit();
    else if (key === "/") this.#isSearching = true;
    else if (key === "escape") this.#search("");
    else this.#offset = Math.max(0, this.#offset + (steps[key] ?? 0));
  }

  #onSearchKey(key: string): void {
    const { search } = this.#filter;
    if (key === "enter") this.#isSearching = false;
    else if (key === "escape") {
      this.#isSearching = false;
      this.#search("");
    } else if (key === "backspace") this.#search(search.slice(0, -1));
    else if (key.length === 1) this.#search(search + key);
  }

  #search(search: string): void {
    this.#filter = { verdicts: new Set(), search };
    this.#offset = 0;
  }
}

/** A time of day, as a log writes it. */
function formatTime(wallMs: number): string {
  return Number.isFinite(wallMs) ? new Date(wallMs).toTimeString().slice(0, 8) : "--:--:--";
}
