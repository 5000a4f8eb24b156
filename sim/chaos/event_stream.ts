/**
 * Server-sent events, read from text that arrives in pieces (HTML Living Standard, 9.2.6): pieces in,
 * whole events out. Of the fields only the type and the data are kept.
 */

export interface StreamEvent {
  readonly type: string;
  readonly data: string;
}

export class EventStreamReader {
  #rest = "";
  #type = "";
  #data: string[] = [];

  /** The events that this piece completes. Ends of lines may be LF or CR LF. */
  read(piece: string): StreamEvent[] {
    const lines = (this.#rest + piece).split("\n");
    this.#rest = lines.pop() ?? "";
    return lines.flatMap((line) => this.#line(line.replace(/\r$/u, "")));
  }

  #line(line: string): StreamEvent[] {
    if (line !== "") {
      const [, field, value = ""] = /^([^:]*)(?:: ?(.*))?$/u.exec(line) ?? [];
      if (field === "event") this.#type = value;
      if (field === "data") this.#data.push(value);
      return [];
    }
    const event = { type: this.#type === "" ? "message" : this.#type, data: this.#data.join("\n") };
    const isEmpty = this.#data.length === 0;
    this.#type = "";
    this.#data = [];
    return isEmpty ? [] : [event];
  }
}
