/** The numbers that stand for names in a history, and until when each name was in use. */
import type { Database, Statement } from "bun:sqlite";

const DAY_MS = 86_400_000;

interface Known {
  readonly id: number;
  seenDay: number;
}

export class Names {
  readonly #find: Statement<{ id: number; seenDay: number }, [string]>;
  readonly #insert: Statement<{ id: number }, [string, number]>;
  readonly #see: Statement<unknown, [number, number]>;
  readonly #deleteUnseen: Statement<unknown, [number]>;
  /** As the tables have them; emptied whenever that may not be so any more. */
  readonly #known = new Map<string, Known>();

  constructor(database: Database) {
    this.#find = database.prepare("SELECT id, seen_day AS seenDay FROM target WHERE name = ?");
    this.#insert = database.prepare(
      "INSERT INTO target (name, seen_day) VALUES (?, ?) RETURNING id",
    );
    this.#see = database.prepare("UPDATE target SET seen_day = ? WHERE id = ?");
    this.#deleteUnseen = database.prepare(
      "DELETE FROM target WHERE seen_day < ? AND id NOT IN (SELECT target FROM saved)",
    );
  }

  /** The name's number, if it has one. */
  find(name: string): number | undefined {
    return (this.#known.get(name) ?? this.#find.get(name))?.id;
  }

  /** The number of a name of which something is being written; a new one if it has none. */
  use(name: string, nowWallMs: number): number {
    const day = dayOf(nowWallMs);
    const known = this.#known.get(name) ?? this.#find.get(name) ?? undefined;
    if (known === undefined) {
      const id = this.#insert.get(name, day)!.id;
      this.#known.set(name, { id, seenDay: day });
      return id;
    }
    if (known.seenDay !== day) this.#see.run(day, known.id);
    known.seenDay = day;
    this.#known.set(name, known);
    return known.id;
  }

  /** Gives up the names of which nothing was written since the day of that moment. */
  deleteUnseenSince(wallMs: number): void {
    this.#deleteUnseen.run(dayOf(wallMs));
    this.#known.clear();
  }

  /** After a transaction that did not take. */
  forget(): void {
    this.#known.clear();
  }
}

function dayOf(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS);
}
