/** A request to a monitor's API. A proxy of the environment is not for what is on this machine. */

const NOT_PROXIED = ["localhost", "127.0.0.1", "::1"];

export function bunFetch(request: Request): Promise<Response> {
  const { env } = process;
  env["NO_PROXY"] = [env["NO_PROXY"] ?? env["no_proxy"] ?? "", ...NOT_PROXIED].join(",");
  return fetch(request);
}
