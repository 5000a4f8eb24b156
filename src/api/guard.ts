/**
 * Keeps other people's web pages from using a browser as their way to this API. Two ways are closed: a
 * page that sends a write across sites, and a page whose own name was made to point at this machine (DNS
 * rebinding), which the browser then takes for the same site. Programs that are not browsers pass.
 */
import { problem } from "./problem.ts";

const READS = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a method only looks. */
export function isRead(method: string): boolean {
  return READS.has(method);
}

/**
 * The refusal, or null. With `allowedHosts`, the request's host must be an IP address, `localhost`, or
 * on the list; without, every host name is accepted.
 */
export function refuseForeign(
  request: Request,
  allowedHosts: readonly string[] | undefined,
): Response | null {
  const host = new URL(request.url);
  if (allowedHosts !== undefined && !isOwnHost(host.hostname, allowedHosts)) {
    return problem("misdirected", `"${host.hostname}" is not a name of this monitor.`);
  }
  if (isRead(request.method) || !isCrossSite(request, host.host)) return null;
  return problem("cross_site", "A write must come from this monitor's own pages or from no page.");
}

function isOwnHost(name: string, allowedHosts: readonly string[]): boolean {
  return (
    name === "localhost" ||
    name.endsWith(".localhost") ||
    name.startsWith("[") ||
    // A URL's host of digits and dots is an IPv4 address in full: the URL parser has seen to that.
    /^[\d.]+$/.test(name) ||
    allowedHosts.includes(name)
  );
}

/** `Sec-Fetch-Site` is the browser's own word; `Origin` is what older browsers say. */
function isCrossSite(request: Request, ownHost: string): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null) return site !== "same-origin" && site !== "none";
  const origin = request.headers.get("origin");
  if (origin === null) return false;
  return !URL.canParse(origin) || new URL(origin).host !== ownHost;
}
