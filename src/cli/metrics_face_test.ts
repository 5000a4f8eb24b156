import { expect, test } from "bun:test";
import { metricsFace } from "./metrics_face.ts";

const exposition = { respond: async () => new Response("phi_suspicion 1\n") };

/** The status that a listener at `listensAt` gives to who asks for `url`. */
async function statusOf(listensAt: string, url: string, method = "GET"): Promise<number> {
  const face = metricsFace(exposition, { host: listensAt, port: 9_000 });
  return (await face(new Request(url, { method }))).status;
}

test("on the loopback a name that somebody pointed at it is refused; addresses and localhost are not", async () => {
  for (const listensAt of ["127.0.0.1", "::1", "localhost"]) {
    expect(await statusOf(listensAt, "http://evil.example:9000/metrics")).toBe(421);
    for (const host of ["127.0.0.1:9000", "[::1]:9000", "localhost:9000"]) {
      expect(await statusOf(listensAt, `http://${host}/metrics`)).toBe(200);
    }
  }
});

test("what other machines reach goes by any name that they have for it", async () => {
  for (const listensAt of ["0.0.0.0", "10.1.0.111"]) {
    expect(await statusOf(listensAt, "http://monitor1:9000/metrics")).toBe(200);
  }
});

test("nothing but reading /metrics is here", async () => {
  expect(await statusOf("127.0.0.1", "http://127.0.0.1:9000/config")).toBe(404);
  expect(await statusOf("127.0.0.1", "http://127.0.0.1:9000/metrics", "HEAD")).toBe(200);
  expect(await statusOf("127.0.0.1", "http://127.0.0.1:9000/metrics", "POST")).toBe(405);
});
