import { expect, test } from "bun:test";
import { freePorts } from "./free_ports.ts";

test("no port is given twice, also where nobody listens at the first yet", () => {
  const ports = Array.from({ length: 1_000 }, () => freePorts(3)).flat();
  expect(new Set(ports).size).toBe(3_000);
});

test("a port at which somebody listens is not given", () => {
  const listeners = freePorts(50).map((port) =>
    Bun.listen({ hostname: "127.0.0.1", port, socket: { data: () => {} } }),
  );
  const taken = new Set(listeners.map(({ port }) => port));
  expect(freePorts(2_000).filter((port) => taken.has(port))).toEqual([]);
  for (const listener of listeners) listener.stop(true);
});
