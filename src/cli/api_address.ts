/** What a flag that names a monitor's API may not say beside where it is. */

/**
 * Why `url` is more than the address of an API, which is a scheme, a host and a port; undefined if it is not. What
 * is more would be left out, and what was meant for the place behind a path would go elsewhere, the token too.
 */
export function whyMoreThanAddress(url: URL): string | undefined {
  const { origin, pathname, search, hash, username, password } = url;
  if (username !== "" || password !== "") {
    return `a user or a password has no place in the address of a monitor: write ${origin}`;
  }
  if (pathname === "/" && search === "" && hash === "") return undefined;
  return `"${url.href}" has more than the address of a monitor, whose API is not behind a path: write ${origin}`;
}
