/** Values of flags that several commands take. What cannot be one is commander's to report. */
import { InvalidArgumentError } from "commander";
import { parseDuration } from "./duration.ts";
import { parseBind, type Bind } from "./bind.ts";

export function bind(text: string): Bind {
  const parsed = parseBind(text);
  if (parsed === undefined) throw new InvalidArgumentError("Write HOST:PORT, as 127.0.0.1:8000.");
  return parsed;
}

export function wholeNumber(text: string): number {
  if (!/^\d{1,9}$/u.test(text)) throw new InvalidArgumentError("Write a whole number.");
  return Number(text);
}

/** In seconds. */
export function duration(text: string): number {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError("Write a duration, as 30m or 2h30m.");
  return seconds;
}

const UNITS: Readonly<Record<string, number>> = { KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 };

export function bytes(text: string): number {
  const parts = /^(\d{1,12})([KMG]iB)?$/u.exec(text);
  if (parts === null) throw new InvalidArgumentError("Write a number of bytes, as 256MiB.");
  return Number(parts[1]) * (UNITS[parts[2] ?? ""] ?? 1);
}

export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("Write a number.");
  return value;
}
