/**
 * Which target of the map is looked at: rows and moves in, that target and its place out. It goes by the name, as in the
 * list, so that what is said, framed and opened stays one target while bad news puts others before it.
 */
import type { BoardRow } from "../live/board.ts";

export class MapCursor {
  #rows: readonly BoardRow[] = [];
  #index: number | undefined;

  /** Among the rows; undefined while it is on none. */
  get index(): number | undefined {
    return this.#index;
  }

  /** As it is by now. */
  get row(): BoardRow | undefined {
    return this.#index === undefined ? undefined : this.#rows[this.#index];
  }

  /** A target that is not shown any more is left. */
  update(rows: readonly BoardRow[]): void {
    if (rows === this.#rows) return;
    const name = this.row?.name;
    this.#rows = rows;
    const index = name === undefined ? -1 : rows.findIndex((row) => row.name === name);
    this.#index = index < 0 ? undefined : index;
  }

  moveTo(index: number | undefined): void {
    this.#index = index;
  }
}
