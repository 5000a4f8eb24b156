/** Reads a list of ports as people write them: `8081`, `8081..8090`, `8081,8085..8087`. */

/** In the order written; undefined if it is not of that form, or has a port twice. */
export function parsePorts(text: string): number[] | undefined {
  const ports: number[] = [];
  for (const entry of text.split(",")) {
    const groups = /^(?<first>\d{1,5})(?:\.\.(?<last>\d{1,5}))?$/u.exec(entry.trim())?.groups;
    if (groups === undefined) return undefined;
    const first = Number(groups["first"]);
    const last = Number(groups["last"] ?? first);
    if (first < 1 || last > 65_535 || last < first) return undefined;
    for (let port = first; port <= last; port += 1) ports.push(port);
  }
  return new Set(ports).size === ports.length ? ports : undefined;
}
