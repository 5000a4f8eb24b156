/** `HOST:PORT`, as members are told where their peers are. */
import type { PeerAddress } from "./peer_sockets.ts";

/** The longest host name (253), brackets of an IPv6 address, a colon and a port. */
const MAX_ADDRESS_CHARACTERS = 261;

/** Undefined for what is not an address: `10.1.0.1:7000`, `[fd00::1]:7000`, `monitor-1:7000` are. */
export function parsePeerAddress(text: string): PeerAddress | undefined {
  if (text.length > MAX_ADDRESS_CHARACTERS) return undefined;
  const parts = /^(?:\[(?<v6>[\da-fA-F:.]+)\]|(?<name>[\w.-]+)):(?<port>\d{1,5})$/u.exec(
    text,
  )?.groups;
  const host = parts?.["v6"] ?? parts?.["name"];
  const port = Number(parts?.["port"]);
  if (host === undefined || !(port >= 1 && port <= 65_535)) return undefined;
  return { host, port };
}

/** Whether an IP address, or the name `localhost`, never leaves this machine. */
export function isLoopback(host: string): boolean {
  return (
    /^(?:::ffff:)?127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/iu.test(host) ||
    host === "::1" ||
    host === "localhost"
  );
}
