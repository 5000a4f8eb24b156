/** In a process of its own, because the first request of all decides what the environment was. */
import { expect, test } from "bun:test";
import { fileURLToPath } from "node:url";

const EDGE = fileURLToPath(new URL("edge.ts", import.meta.url));

/** Each value is the second argument of the first request to a module of its own. */
const SCRIPT = `
  for (const environment of [undefined, null, "CONFIG", 1, true, Symbol.iterator, () => {}]) {
    const { default: edge } = await import(${JSON.stringify(EDGE)} + "?" + typeof environment + !environment);
    const request = new Request("http://127.0.0.1/targets");
    const answer = await edge.fetch(request, environment).catch(String);
    console.log(answer.status ?? answer);
  }`;

test("edge.fetch() takes what is no environment for none, and never rejects", () => {
  const { stdout } = Bun.spawnSync([process.execPath, "-e", SCRIPT]);
  expect(stdout.toString().trim().split("\n")).toEqual(Array.from({ length: 7 }, () => "200"));
});
