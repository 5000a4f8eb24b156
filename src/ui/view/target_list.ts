/**
 * The list of targets. Only the rows that are in view exist, however many targets there are; one of them is
 * active, by its target's name, so that it stays where it is when others come and go.
 */
import { lettersOf } from "../live/answers.ts";
import type { BoardRow } from "../live/board.ts";
import type { LiveFeed } from "../live/feed.ts";
import { element, replaceChildren, setAttribute, setHidden } from "./dom.ts";
import { drawSparkline } from "./sparkline.ts";
import { TargetRow } from "./target_row.ts";
import type { Theme } from "./theme.ts";

export interface ListListener {
  /** Somebody wants to know more about this target. */
  onOpen(name: string): void;
  /** Other targets came into view. */
  onLook(): void;
}

/** Rows beyond the edges, so that scrolling by a little shows no gap. */
const MARGIN_ROWS = 3;

export class TargetList {
  readonly element: HTMLElement;
  readonly #feed: LiveFeed;
  readonly #theme: Theme;
  readonly #listener: ListListener;
  readonly #space = element("div", { class: "space", role: "rowgroup" });
  readonly #head: HTMLElement;
  readonly #who = element("div", { class: "cell who", role: "columnheader" });
  readonly #empty = element("p", { class: "empty" });
  readonly #pool: TargetRow[] = [];
  #rows: readonly BoardRow[] = [];
  /** Made when it is needed first: it costs as much as there are rows. */
  #indexByName: ReadonlyMap<string, number> | undefined;
  #active: string | null = null;
  #selected: string | null = null;
  #rowHeight = 52;
  #observers: readonly string[] | undefined;
  /** What the sparklines show: they cost the most, and only an answer or another row changes them. */
  #drawn = new WeakMap<TargetRow, string>();

  constructor(feed: LiveFeed, theme: Theme, listener: ListListener) {
    this.#feed = feed;
    this.#theme = theme;
    this.#listener = listener;
    this.#head = element(
      "div",
      { class: "head", role: "row", "aria-rowindex": 1 },
      head("joint", "Verdict"),
      head("name", "Target"),
      head("own", "Seen from here"),
      this.#who,
      head("level", "φ against its threshold"),
    );
    this.element = element(
      "div",
      {
        class: "list",
        role: "grid",
        tabindex: 0,
        id: "targets",
        "aria-label": "Targets, the worst first",
      },
      element("div", { role: "rowgroup", class: "heads" }, this.#head),
      this.#space,
      this.#empty,
    );
    this.element.addEventListener("scroll", () => this.#place(), { passive: true });
    this.element.addEventListener("keydown", (event) => this.#onKey(event));
    this.#space.addEventListener("click", (event) => this.#onClick(event));
    new ResizeObserver(() => this.#place()).observe(this.element);
  }

  /** The names in view, the first ones first. */
  get inView(): readonly string[] {
    return this.#pool.flatMap(({ shown }) => shown?.name ?? []);
  }

  /** `emptyText` is for when there are no rows. */
  update(rows: readonly BoardRow[], selected: string | null, emptyText: string): void {
    this.#selected = selected;
    if (rows !== this.#rows) {
      this.#rows = rows;
      this.#indexByName = undefined;
      setAttribute(this.element, "aria-rowcount", rows.length + 1);
    }
    setHidden(this.#empty, rows.length > 0);
    if (this.#empty.textContent !== emptyText) this.#empty.textContent = emptyText;
    this.#showObservers();
    this.#place();
  }

  focus(): void {
    this.element.focus({ preventScroll: true });
    if (this.#active === null) this.#activate(0);
  }

  /** The number above each observer's column of shapes; the list of observers says whose it is. */
  #showObservers(): void {
    const observers = this.#feed.matrix?.observers;
    if (observers === this.#observers) return;
    this.#observers = observers;
    const numbers = (observers ?? []).map((id, at) =>
      element("span", { class: "number", title: id, "aria-label": id }, String(at + 1)),
    );
    replaceChildren(this.#who, element("span", { class: "who-label" }, "Observers "), ...numbers);
  }

  #place(): void {
    const { element: root } = this;
    const active = this.#activeIndex();
    if (active === undefined) this.#active = null;
    // The style decides, because a narrow screen has higher rows.
    const styled = Number.parseFloat(getComputedStyle(root).getPropertyValue("--row-height"));
    if (styled > 0) this.#rowHeight = styled;
    this.#space.style.height = `${this.#rows.length * this.#rowHeight}px`;
    const first = Math.max(0, Math.floor(root.scrollTop / this.#rowHeight) - MARGIN_ROWS);
    const count = Math.ceil(root.clientHeight / this.#rowHeight) + 2 * MARGIN_ROWS;
    const last = Math.min(this.#rows.length, first + count);
    this.#fillPool(Math.max(0, last - first));
    let isOther = false;
    for (const [at, row] of this.#pool.entries()) {
      const index = first + at;
      const shown = index < last ? this.#rows[index] : undefined;
      isOther ||= row.shown?.name !== shown?.name;
      if (shown === undefined) row.hide();
      else this.#show(row, shown, index);
    }
    const isInView = active !== undefined && active >= first && active < last;
    setAttribute(root, "aria-activedescendant", isInView ? `row-${active}` : undefined);
    if (isOther) this.#listener.onLook();
  }

  #fillPool(count: number): void {
    while (this.#pool.length < count) {
      const row = new TargetRow();
      this.#pool.push(row);
      this.#space.appendChild(row.element);
    }
  }

  #show(row: TargetRow, shown: BoardRow, index: number): void {
    const { name } = shown;
    const seen = this.#feed.seen.get(name);
    const nowMs = this.#feed.asOfMs();
    const { matrix } = this.#feed;
    row.element.style.transform = `translateY(${index * this.#rowHeight}px)`;
    row.show(shown, {
      index,
      nowMs,
      seen,
      letters: lettersOf(matrix, name),
      observers: matrix?.observers ?? [],
      isActive: name === this.#active,
      isSelected: name === this.#selected,
    });
    const points = this.#feed.trails.of(name);
    const key = `${name} ${points.at(-1)?.atMs} ${shown.shown} ${this.#theme.version} ${devicePixelRatio}`;
    if (this.#drawn.get(row) === key) return;
    this.#drawn.set(row, key);
    setHidden(row.canvas, points.length === 0);
    if (seen === undefined) return;
    const { threshold, suspectPhi } = seen;
    drawSparkline(
      row.canvas,
      { points, threshold, suspectPhi, verdict: shown.shown, nowMs },
      this.#theme,
    );
  }

  #onClick({ target }: MouseEvent): void {
    const row = this.#pool.find(
      ({ element: root }) => target instanceof Node && root.contains(target),
    );
    if (!row?.shown) return;
    this.#active = row.shown.name;
    this.#place();
    this.#listener.onOpen(row.shown.name);
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#rows.length === 0) return;
    const at = this.#activeIndex() ?? -1;
    const page = Math.max(1, Math.floor(this.element.clientHeight / this.#rowHeight) - 2);
    const last = this.#rows.length - 1;
    const targets: Readonly<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowUp: at - 1,
      PageDown: at + page,
      PageUp: at - page,
      Home: 0,
      End: last,
    };
    const next = targets[event.key];
    if (next !== undefined) this.#activate(Math.min(last, Math.max(0, next)));
    else if ((event.key === "Enter" || event.key === " ") && this.#active !== null) {
      this.#listener.onOpen(this.#active);
    } else return;
    event.preventDefault();
  }

  #activeIndex(): number | undefined {
    if (this.#active === null) return undefined;
    this.#indexByName ??= new Map(this.#rows.map(({ name }, index) => [name, index]));
    return this.#indexByName.get(this.#active);
  }

  #activate(index: number): void {
    this.#active = this.#rows[index]?.name ?? null;
    const { element: root } = this;
    const top = index * this.#rowHeight;
    const visible = root.clientHeight - this.#head.offsetHeight;
    if (top < root.scrollTop) root.scrollTop = top;
    else if (top + this.#rowHeight > root.scrollTop + visible) {
      root.scrollTop = top + this.#rowHeight - visible;
    }
    this.#place();
  }
}

function head(name: string, text: string): HTMLElement {
  return element("div", { class: `cell ${name}`, role: "columnheader" }, text);
}
