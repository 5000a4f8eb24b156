/**
 * Server-sent events as they arrive: pieces of text in, whole events out. A piece may end anywhere. Only
 * what `GET /events` uses is understood: `id`, `event`, `data`, comments, and lines that end with LF.
 */

export interface ServerEvent {
  /** Empty where the event has none. */
  readonly id: string;
  /** `message` where nothing is said. */
  readonly name: string;
  readonly data: string;
}

export class SseParser {
  /** Pieces of the line that has not ended. They are joined once, or a long line would cost its square. */
  #pending: string[] = [];
  #id = "";
  #name = "message";
  #data: string[] = [];

  /** The events that are whole with this piece. */
  push(text: string): ServerEvent[] {
    const events: ServerEvent[] = [];
    let start = 0;
    for (;;) {
      const end = text.indexOf("\n", start);
      if (end < 0) break;
      this.#pending.push(text.slice(start, end));
      const line = this.#pending.length === 1 ? this.#pending[0]! : this.#pending.join("");
      this.#pending = [];
      if (line === "") this.#dispatch(events);
      else this.#field(line);
      start = end + 1;
    }
    if (start < text.length) this.#pending.push(text.slice(start));
    return events;
  }

  #field(line: string): void {
    const colon = line.indexOf(":");
    if (colon === 0) return;
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(line[colon + 1] === " " ? colon + 2 : colon + 1);
    if (field === "data") this.#data.push(value);
    else if (field === "event") this.#name = value;
    else if (field === "id") this.#id = value;
  }

  #dispatch(events: ServerEvent[]): void {
    if (this.#data.length > 0) {
      events.push({ id: this.#id, name: this.#name, data: this.#data.join("\n") });
    }
    this.#id = "";
    this.#name = "message";
    this.#data = [];
  }
}
