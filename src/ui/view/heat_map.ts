/**
 * Who says what: observers by targets, drawn on one canvas, because ten thousand targets times five observers
 * are more than a document can hold. Arrow keys move over it; what is under the cursor is said in words.
 */
import { lettersOf } from "../live/answers.ts";
import type { BoardRow } from "../live/board.ts";
import type { LiveFeed } from "../live/feed.ts";
import { cellOf, describeCell } from "../words.ts";
import { element, makeSign, replaceChildren, setAttribute, setHidden, setText } from "./dom.ts";
import { drawCell } from "./map_cells.ts";
import { MapCursor } from "./map_cursor.ts";
import { layOutMap, type MapLayout, placeOf, targetAt } from "./map_layout.ts";
import { sizeCanvas, type Theme } from "./theme.ts";

/** Targets about which observers differ that are named below the map. */
const MAX_NAMED = 12;
/** A large map is not drawn more often than this for so many targets: it takes time to draw. */
const EVERY_MS = 1_000;
const EVERY_TARGETS = 5_000;

export class HeatMap {
  readonly element: HTMLElement;
  readonly #feed: LiveFeed;
  readonly #theme: Theme;
  readonly #onOpen: (name: string) => void;
  readonly #canvas = element("canvas", {
    tabindex: 0,
    role: "img",
    "aria-describedby": "map-says",
  });
  readonly #scroller = element("div", { class: "map-scroller" }, this.#canvas);
  readonly #says = element("p", { id: "map-says", class: "map-says", role: "status" });
  readonly #differ = element("p", { class: "differ" });
  readonly #observerNames = element("ol", { class: "map-observers" });
  #rows: readonly BoardRow[] = [];
  #layout: MapLayout | undefined;
  readonly #cursor = new MapCursor();
  #selected: string | null = null;
  #drawn = "";
  #drawnMs = Number.NEGATIVE_INFINITY;
  #sources: readonly unknown[] = [];

  constructor(feed: LiveFeed, theme: Theme, onOpen: (name: string) => void) {
    this.#feed = feed;
    this.#theme = theme;
    this.#onOpen = onOpen;
    this.element = element(
      "div",
      {
        class: "map",
        role: "group",
        "aria-label": "Who says what: observers by targets",
        hidden: true,
      },
      makeLegend(),
      this.#observerNames,
      this.#differ,
      this.#says,
      this.#scroller,
    );
    this.#canvas.addEventListener("pointermove", (event) => this.#point(event));
    this.#canvas.addEventListener("pointerleave", () => this.#moveTo(undefined));
    this.#canvas.addEventListener("click", (event) => {
      this.#point(event);
      this.#open();
    });
    this.#canvas.addEventListener("keydown", (event) => this.#onKey(event));
    new ResizeObserver(() => this.#draw()).observe(this.#scroller);
  }

  focus(): void {
    this.#canvas.focus({ preventScroll: true });
  }

  update(rows: readonly BoardRow[], selected: string | null): void {
    this.#rows = rows;
    this.#selected = selected;
    this.#cursor.update(rows);
    this.#say();
    const { matrix } = this.#feed;
    const sources = [rows, matrix, selected, this.#theme.version];
    const isNews = sources.some((source, at) => source !== this.#sources[at]);
    const nowMs = this.#feed.clock.wallMs();
    const everyMs = EVERY_MS * (rows.length / EVERY_TARGETS);
    const isSoon = Math.abs(nowMs - this.#drawnMs) < everyMs;
    if (!isNews || isSoon) return;
    this.#sources = sources;
    this.#drawnMs = nowMs;
    this.#nameObservers();
    this.#nameDisputed();
    this.#draw();
  }

  get #observers(): readonly string[] {
    return this.#feed.matrix?.observers ?? ["this monitor"];
  }

  /** A letter an observer; of a lone monitor its own. */
  #lettersOf(row: BoardRow): string {
    const { matrix } = this.#feed;
    if (matrix !== null) return lettersOf(matrix, row.name) ?? "";
    return row.verdict === "unknown" ? "n" : row.verdict[0]!;
  }

  #draw(): void {
    const width = this.#scroller.clientWidth;
    if (width === 0) return;
    const observers = this.#observers;
    const layout = layOutMap(
      this.#rows.length,
      observers.length,
      width,
      this.#scroller.clientHeight,
    );
    this.#layout = layout;
    const context = sizeCanvas(this.#canvas, width, Math.max(1, layout.height));
    if (context === null) return;
    const stamps = this.#makeStamps(layout);
    this.#drawLabels(context, layout, observers.length);
    for (const [index, row] of this.#rows.entries()) {
      const { x, y } = placeOf(layout, index);
      const letters = this.#lettersOf(row);
      for (let at = 0; at < observers.length; at++) {
        const stamp = stamps(letters[at] ?? "-");
        context.drawImage(
          stamp,
          x,
          y + at * layout.cellHeight,
          layout.cellWidth,
          layout.cellHeight,
        );
      }
      if (layout.nameHeight > 0) this.#drawName(context, layout, row.name, x, y);
      const isFramed = row.name === this.#selected || index === this.#cursor.index;
      if (isFramed) this.#frame(context, layout, x, y);
    }
    setAttribute(
      this.#canvas,
      "aria-label",
      `${this.#rows.length} targets, ${observers.length} observers`,
    );
  }

  /** Each letter is drawn once and then only copied. */
  #makeStamps({ cellWidth, cellHeight }: MapLayout): (letter: string) => HTMLCanvasElement {
    const made = new Map<string, HTMLCanvasElement>();
    return (letter) => {
      const known = made.get(letter);
      if (known !== undefined) return known;
      const stamp = document.createElement("canvas");
      const context = sizeCanvas(stamp, cellWidth, cellHeight);
      if (context !== null) drawCell(context, cellOf(letter), cellWidth, cellHeight, this.#theme);
      made.set(letter, stamp);
      return stamp;
    };
  }

  #drawLabels(context: CanvasRenderingContext2D, layout: MapLayout, observerCount: number): void {
    context.fillStyle = this.#theme.colour("dim");
    context.font = `${Math.min(12, layout.cellHeight)}px system-ui, sans-serif`;
    context.textBaseline = "middle";
    for (let band = 0; band < layout.bands; band++) {
      const top = band * layout.bandHeight + layout.nameHeight;
      for (let at = 0; at < observerCount; at++) {
        context.fillText(String(at + 1), 6, top + (at + 0.5) * layout.cellHeight);
      }
    }
  }

  #drawName(
    context: CanvasRenderingContext2D,
    layout: MapLayout,
    name: string,
    x: number,
    y: number,
  ): void {
    context.save();
    context.beginPath();
    context.rect(x, y - layout.nameHeight, layout.cellWidth - 4, layout.nameHeight);
    context.clip();
    context.fillStyle = this.#theme.colour("ink");
    context.font = "12px system-ui, sans-serif";
    context.textBaseline = "middle";
    const isShort = context.measureText(name).width <= layout.cellWidth - 4;
    context.textAlign = isShort ? "center" : "left";
    context.fillText(name, isShort ? x + layout.cellWidth / 2 : x, y - layout.nameHeight / 2);
    context.restore();
  }

  #frame(context: CanvasRenderingContext2D, layout: MapLayout, x: number, y: number): void {
    context.strokeStyle = this.#theme.colour("accent");
    context.lineWidth = 2;
    const height = layout.cellHeight * this.#observers.length;
    context.strokeRect(x + 0.5, y - 0.5, layout.cellWidth - 1, height + 1);
  }

  #point({ offsetX, offsetY }: MouseEvent): void {
    if (this.#layout === undefined) return;
    this.#moveTo(targetAt(this.#layout, this.#rows.length, offsetX, offsetY));
  }

  #moveTo(index: number | undefined): void {
    if (index === this.#cursor.index) return;
    this.#cursor.moveTo(index);
    this.#say();
    this.#draw();
  }

  /** Of the target under the cursor, what is held of it by now. */
  #say(): void {
    const { row } = this.#cursor;
    setText(this.#says, row === undefined ? "" : this.#describe(row));
  }

  #describe(row: BoardRow): string {
    const letters = this.#lettersOf(row);
    const votes = this.#observers.map((id, at) => `${id}: ${describeCell(cellOf(letters[at]))}`);
    return `${row.name} is ${row.shown}. ${votes.join(", ")}.`;
  }

  #open(): void {
    const { row } = this.#cursor;
    if (row !== undefined) this.#onOpen(row.name);
  }

  #onKey(event: KeyboardEvent): void {
    const layout = this.#layout;
    if (layout === undefined || this.#rows.length === 0 || event.ctrlKey || event.metaKey) return;
    const steps: Readonly<Record<string, number>> = {
      ArrowRight: 1,
      ArrowLeft: -1,
      ArrowDown: layout.columns,
      ArrowUp: -layout.columns,
    };
    const step = steps[event.key];
    if (step !== undefined) {
      const { index } = this.#cursor;
      const next = index === undefined ? 0 : index + step;
      if (next >= 0 && next < this.#rows.length) this.#moveTo(next);
      const { y } = placeOf(layout, this.#cursor.index ?? 0);
      const { scrollTop, clientHeight } = this.#scroller;
      if (y < scrollTop || y + layout.bandHeight > scrollTop + clientHeight)
        this.#scroller.scrollTop = y - 20;
    } else if (event.key === "Enter") this.#open();
    else return;
    event.preventDefault();
  }

  #nameObservers(): void {
    const names = this.#observers.map((id) => element("li", {}, id));
    const key = this.#observers.join("\n");
    if (key === this.#drawn) return;
    this.#drawn = key;
    replaceChildren(this.#observerNames, ...names);
  }

  /** In words and as buttons what the eye finds in the picture. */
  #nameDisputed(): void {
    const disputed = this.#rows.filter((row) => isDisputed(this.#lettersOf(row)));
    setHidden(this.#differ, this.#feed.matrix === null);
    if (disputed.length === 0) {
      replaceChildren(this.#differ, "The observers agree about every target shown.");
      return;
    }
    const buttons = disputed.slice(0, MAX_NAMED).map(({ name }) => {
      const button = element("button", { type: "button", class: "link" }, name);
      button.addEventListener("click", () => this.#onOpen(name));
      return button;
    });
    const rest = disputed.length - buttons.length;
    replaceChildren(
      this.#differ,
      "The observers differ about ",
      ...buttons.flatMap((button, at) => (at === 0 ? [button] : [", ", button])),
      rest > 0 ? ` and ${rest} more.` : ".",
    );
  }
}

/** Whether two that are heard say different things. */
function isDisputed(letters: string): boolean {
  const said = new Set(letters.toLowerCase().replaceAll("-", ""));
  return said.size > 1;
}

function makeLegend(): HTMLElement {
  const entries = (["down", "suspect", "unknown", "up"] as const).map((verdict) =>
    element("span", { class: `verdict ${verdict}` }, makeSign(verdict), verdict),
  );
  const silent = element("span", { class: "dim" }, makeSign("silent"), "not heard");
  const note = "The fuller the cell the worse; hollow: in doubt of itself, not counted.";
  const words = element("span", { class: "dim" }, note);
  return element("p", { class: "legend", "aria-label": "Legend" }, ...entries, silent, words);
}
