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

export function decimal(text: string): number {
  const value = Number(text);
  if (text.trim() === "" || !Number.isFinite(value))
    throw new InvalidArgumentError("Write a number.");
  return value;
}
