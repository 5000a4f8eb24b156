/** What is written twice, in the files for containers and elsewhere, is the same in both places. */
import { describe, expect, test } from "bun:test";
import { parse } from "yaml";

const read = (path: string) => Bun.file(new URL(`../../${path}`, import.meta.url)).text();
const [dockerfile, makefile, manifest, compose, seed] = await Promise.all(
  ["Dockerfile", "Makefile", "package.json", "docker-compose.yml", "servers.yml"].map(read),
);

interface Compose {
  readonly services: Readonly<Record<string, Service>>;
}

interface Service {
  readonly command: string;
  readonly ports: readonly string[];
  readonly networks: { readonly demo: { readonly ipv4_address: string } };
}

const { services } = parse(compose!, { merge: true }) as Compose;

function service(name: string): Service {
  const found = services[name];
  if (found === undefined) throw new Error(`docker-compose.yml has no ${name}`);
  return found;
}

/** What `name = a b \` of the Makefile says, as one line. */
function variable(name: string): string {
  const text = new RegExp(`^${name} := (?<text>(?:.*\\\\\\n)*.*)$`, "mu").exec(makefile!);
  return text!.groups!["text"]!.replaceAll(/\\\n\s*/gu, "").trim();
}

describe("Dockerfile", () => {
  test("compiles with the Bun that package.json names", () => {
    const version = /"packageManager": "bun@([^"]+)"/u.exec(manifest!)![1];
    expect(dockerfile).toContain(`ARG BUN=oven/bun:${version}\n`);
  });

  test("compiles as the Makefile does", () => {
    const line = dockerfile!.replaceAll(/\\\n\s*/gu, "");
    const run = /^RUN bun (?<flags>build .*) --outfile=\S+ (?<entries>.*)$/mu.exec(line)!.groups!;
    expect(run["flags"]!.trim()).toBe(variable("COMPILE"));
    expect(run["entries"]).toBe(`src/main.ts ${variable("WORKERS")}`);
  });
});

describe("docker-compose.yml", () => {
  test("has the servers of servers.yml at their addresses, and one more", () => {
    const wanted = new Set(
      [...seed!.matchAll(/url: http:\/\/([\d.]+):8080\//gu)].map((match) => match[1]!),
    );
    const servers = Array.from({ length: 10 }, (_, index) => service(`server${index + 1}`));
    const addresses = servers.map(({ networks }) => networks.demo.ipv4_address);
    expect(addresses).toEqual([...wanted, "10.1.0.110"]);
    expect(servers.flatMap(({ ports }) => ports)).toEqual(
      servers.map((_, index) => `127.0.0.1:${8081 + index}:8080`),
    );
    for (const { command } of servers) expect(command).toBe(servers[0]!.command);
  });

  test("has three monitors at their addresses, each at its peers' port", () => {
    for (const [index, host] of ["10.1.0.111", "10.1.0.112", "10.1.0.113"].entries()) {
      const { command, networks, ports } = service(`monitor${index + 1}`);
      expect(networks.demo.ipv4_address).toBe(host);
      expect(command).toContain(`--id monitor${index + 1} --raft-bind ${host}:7000`);
      expect(ports).toEqual([`127.0.0.1:${8000 + index}:8000`, `127.0.0.1:${9000 + index}:9000`]);
    }
  });

  test("publishes nothing beyond the loopback", () => {
    const ports = Object.values(services).flatMap((each) => each.ports);
    expect(ports.length).toBeGreaterThan(15);
    expect(ports.filter((port) => !port.startsWith("127.0.0.1:"))).toEqual([]);
  });
});
