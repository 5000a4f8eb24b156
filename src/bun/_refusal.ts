/**
 * Why a connect really failed. Bun (1.4.5) reports ECONNREFUSED for nearly every failure: no
 * route, no free descriptor, an unreachable host. A refusal means that the host is alive, so the
 * difference matters, and "no free descriptor" is not the server's fault at all. Connecting a UDP
 * socket sends nothing, but goes through the same routing, limits and permissions, and is reported
 * truly.
 */
import type { ConnectionFault } from "../port.ts";

/**
 * A refusal arrives within a round trip. A host or router that finds nobody at the address says so
 * after three requests, a second apart, and nothing else ends a connect in between.
 */
export const LATEST_REFUSAL_MS = 2_000;

export interface ExplainedFault {
  readonly fault: ConnectionFault;
  readonly detail: string;
}

/** Never rejects. */
export async function explainRefusal(
  ip: string,
  port: number,
  afterMs: number,
): Promise<ExplainedFault> {
  const place = ip.includes(":") ? `[${ip}]:${port}` : `${ip}:${port}`;
  if (afterMs > LATEST_REFUSAL_MS) {
    const detail = `${place} cannot be reached, after ${Math.round(afterMs)} ms`;
    return { fault: "unreachable", detail };
  }
  const code = await connectErrorCode(ip, port);
  if (code === undefined) return { fault: "refused", detail: `${place} refused the connection` };
  return { fault: "unreachable", detail: `${place} cannot be reached: ${code}` };
}

async function connectErrorCode(ip: string, port: number): Promise<string | undefined> {
  try {
    const hostname = ip.includes(":") ? "::" : "0.0.0.0";
    const socket = await Bun.udpSocket({ hostname, connect: { hostname: ip, port } });
    socket.close();
    return undefined;
  } catch (error) {
    return error instanceof Error && "code" in error ? String(error.code) : String(error);
  }
}
