/** One row of the list: made once, and shown one target after another. */
import type { TargetAnswer } from "../live/answers.ts";
import type { BoardRow } from "../live/board.ts";
import { cellOf, describeCell, formatLevel, formatPhi, formatWholeSpan } from "../words.ts";
import {
  append,
  element,
  makeSign,
  makeVerdict,
  setAttribute,
  setHidden,
  setSign,
  setText,
  setVerdict,
} from "./dom.ts";

/** What a row needs beside its target. */
export interface RowContext {
  /** Unix time by the monitor's clock. */
  readonly nowMs: number;
  readonly seen: TargetAnswer | undefined;
  /** A letter an observer; undefined if nobody has said. */
  readonly letters: string | undefined;
  readonly observers: readonly string[];
  readonly isActive: boolean;
  readonly isSelected: boolean;
  /** Its place among those shown, from 0. */
  readonly index: number;
}

export class TargetRow {
  readonly element: HTMLElement;
  readonly canvas = element("canvas", { class: "spark", "aria-hidden": "true" });
  readonly #verdict = makeVerdict("unknown");
  readonly #since = element("small");
  readonly #name = element("b");
  readonly #url = element("small");
  readonly #own = makeVerdict("unknown");
  readonly #cells = element("span", { class: "cells", role: "img" });
  readonly #phi = element("span", { class: "phi" });
  readonly #threshold = element("small");
  #letters: string | undefined;
  /** Whom it shows; null while nobody. */
  shown: BoardRow | null = null;

  constructor() {
    this.element = element(
      "div",
      { class: "row", role: "row" },
      cell("joint", this.#verdict, this.#since),
      cell("name", this.#name, this.#url),
      cell("own", element("small", { class: "own-label" }, "here "), this.#own),
      cell("who", this.#cells),
      cell("level", this.#phi, this.#threshold, this.canvas),
    );
  }

  show(row: BoardRow, context: RowContext): void {
    const { index, nowMs, seen, isActive, isSelected } = context;
    this.shown = row;
    const { element: root } = this;
    setHidden(root, false);
    setAttribute(root, "id", `row-${index}`);
    setAttribute(root, "aria-rowindex", index + 2);
    setAttribute(root, "aria-selected", isSelected ? "true" : "false");
    setAttribute(
      root,
      "class",
      `row ${row.shown}${isActive ? " active" : ""}${isSelected ? " selected" : ""}`,
    );
    setVerdict(this.#verdict, row.shown);
    const since = Number.isNaN(row.sinceMs) ? "" : `for ${formatWholeSpan(nowMs - row.sinceMs)}`;
    setText(this.#since, since);
    setText(this.#name, row.name);
    setAttribute(this.#name, "title", row.name);
    setText(this.#url, seen?.url ?? "");
    setVerdict(this.#own, row.verdict);
    setText(this.#phi, seen === undefined ? "" : formatPhi(seen.phi));
    setText(this.#threshold, seen === undefined ? "" : ` / ${formatLevel(seen.threshold)}`);
    this.#showCells(context);
  }

  hide(): void {
    this.shown = null;
    setHidden(this.element, true);
    this.element.removeAttribute("id");
  }

  #showCells({ letters, observers }: RowContext): void {
    if (letters === this.#letters) return;
    this.#letters = letters;
    const cells = this.#cells;
    while (cells.childElementCount > (letters?.length ?? 0)) cells.lastElementChild?.remove();
    const said: string[] = [];
    for (let at = 0; at < (letters?.length ?? 0); at++) {
      const vote = cellOf(letters?.[at]);
      const className = vote.isCounted || vote.verdict === null ? "sign" : "sign doubted";
      const known = cells.children[at];
      const shape = vote.verdict ?? "silent";
      if (known instanceof SVGSVGElement) setSign(known, shape, className);
      else append(cells, [makeSign(shape, className)]);
      said.push(`${observers[at] ?? at + 1}: ${describeCell(vote)}`);
    }
    setAttribute(cells, "aria-label", said.join(", "));
    setAttribute(cells, "title", said.join("\n"));
  }
}

function cell(name: string, ...children: readonly Node[]): HTMLElement {
  return element("div", { class: `cell ${name}`, role: "gridcell" }, ...children);
}
