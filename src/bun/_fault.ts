/** Sorts the runtime's socket errors into the faults that the core knows. */
import type { ConnectionFault } from "../port.ts";

const RESET_CODES: ReadonlySet<string> = new Set([
  "ECONNRESET",
  "EPIPE",
  "ECONNABORTED",
  "ERR_STREAM_DESTROYED",
  "ERR_SOCKET_CLOSED",
  "ERR_STREAM_WRITE_AFTER_END",
]);

/** `isSecuring`: the TCP connection stands and the TLS handshake is under way. */
export function faultOf(
  error: Error,
  state: { isConnected: boolean; isSecuring: boolean },
): ConnectionFault {
  const code = errorCode(error);
  if (code === "ECONNREFUSED") return "refused";
  if (RESET_CODES.has(code)) return "reset";
  if (code.startsWith("ERR_SSL") || code.startsWith("ERR_TLS") || state.isSecuring) return "tls";
  return state.isConnected ? "reset" : "unreachable";
}

/** The error's code; empty if it has none. */
export function errorCode(error: Error): string {
  return "code" in error ? String(error.code) : "";
}
