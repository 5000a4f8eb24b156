/** Reads `HOST:PORT` as flags and environment give it: `127.0.0.1:8000`, `[::1]:8000`, `:8000` (loopback). */
import { parsePeerAddress } from "../peer/mod.ts";

export interface Bind {
  readonly host: string;
  readonly port: number;
}

const FORM = /^(?:\[(?<v6>[0-9A-Fa-f:.]+)\]|(?<host>[^:[\]]*)):(?<port>\d{1,5})$/u;

/** Undefined if `text` is not of that form. Port 0 asks for any free port. */
export function parseBind(text: string): Bind | undefined {
  const groups = FORM.exec(text)?.groups;
  if (groups === undefined) return undefined;
  const port = Number(groups["port"]);
  if (port > 65_535) return undefined;
  return { host: groups["v6"] ?? (groups["host"] || "127.0.0.1"), port };
}

export function formatBind({ host, port }: Bind): string {
  return `${host.includes(":") ? `[${host}]` : host}:${port}`;
}

/** What listens on all addresses is reached over the loopback. */
const REACHED_AT: Readonly<Record<string, string>> = { "0.0.0.0": "127.0.0.1", "::": "::1" };

/** Where somebody on this machine reaches what listens there. */
export function asReached({ host, port }: Bind): Bind {
  return { host: REACHED_AT[host] ?? host, port };
}

/** Why the other monitors cannot be told to come there; undefined if they can. */
export function whyNoPeerAddress(bind: Bind): string | undefined {
  const text = formatBind(bind);
  if (parsePeerAddress(text) !== undefined) return undefined;
  return `"${text}" is no address for the other monitors: write an IP address, or a name of A-Z a-z 0-9 _ . -, and a port`;
}
