/**
 * No secret, nor anything that is derived from one, is compared by an operator that stops at the first
 * difference: the sources are read for such comparisons, and the few that are no secret's are named. What
 * compares instead is tested where it is (`equal_bytes_test.ts`, `handshake_test.ts`).
 */
import { describe, expect, test } from "bun:test";
import { Glob } from "bun";
import { fileURLToPath } from "node:url";

const SOURCES = fileURLToPath(new URL("../src", import.meta.url));

const SECRET_NAME = /secret|token|proof|password|credential|signature|digest|hmac|(?:^|\.)mac$/iu;
/** Both sides of a comparison, as far as they are names, or calls. */
const COMPARISON =
  /(?<left>[\w$.#?!\]()]+) (?:===?|!==?) (?<right>[\w$.#?![\]()]+)|(?<object>[\w$.#?!]+)\.(?:startsWith|endsWith|includes|equals|localeCompare|indexOf)\((?<argument>[\w$.#?!]+)/gu;
/** Whether something is there says nothing of what it is. */
const NOTHING = /^(?:undefined|null|true|false|""|''|-?\d+)[),;]*$/u;

/** Which files may compare what is called so, and why it is no secret. */
const NO_SECRETS: readonly (readonly [file: string, names: string, why: string])[] = [
  ["monitor/saved_watch.ts", "saved.question questionDigest", "of what a target is asked"],
  ["probe/http_plan.ts", "a.bearerTokenFile b.bearerTokenFile", "paths of files"],
  ["qos/_learnt_gaps.ts", "phiDigest this.#phiDigest", "of a model's settings"],
  ["raft/core.ts", "token.term state.term", "a token of a write to the log"],
  ["raft/outbox.ts", "token.sequence this.#storedSequence", "the same"],
  ["store/idempotency_table.ts", "known.digest digest", "of a request, which its sender knows"],
];

async function comparisons(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const file of new Glob("**/*.ts").scan(SOURCES)) {
    if (/_test\.ts$|_bench\.ts$|\/_test_/u.test(file)) continue;
    const text = await Bun.file(`${SOURCES}/${file}`).text();
    found.push(...comparisonsIn(text).map((names) => `${file}: ${names}`));
  }
  return found.toSorted();
}

/** Those in which a name is a secret's. */
function comparisonsIn(text: string): readonly string[] {
  const code = text.replaceAll(/\/\*[^]*?\*\/|\/\/.*$/gmu, "");
  return [...code.matchAll(COMPARISON)].flatMap(({ groups }) => {
    const { left, right, object, argument } = groups!;
    const before = (left ?? object!).replace(/^.*\((?=.)/u, "");
    const behind = (right ?? argument!).replace(/\(.*$/u, "");
    const sides = [before, behind].map((side) => side.replaceAll(/[()!?,;\]]/gu, ""));
    if (sides.some((side) => NOTHING.test(side))) return [];
    return sides.some((side) => SECRET_NAME.test(side)) ? [sides.join(" ")] : [];
  });
}

describe("comparisons of secrets", () => {
  test("are none but those of what is no secret", async () => {
    expect(await comparisons()).toEqual(NO_SECRETS.map(([file, names]) => `${file}: ${names}`));
  });

  test("would be found", () => {
    const lines = [
      "return given === token;",
      "if (header !== `Bearer ${x}` && this.#secret == secret) stop();",
      "const isRight = proof.equals(expected);",
      "if (mac !== frame.mac) refuse();",
      "return token.startsWith(prefix);",
      "if (secret === undefined || token !== null) ask();",
    ];
    expect(lines.map((line) => comparisonsIn(line).length)).toEqual([1, 1, 1, 1, 1, 0]);
  });

  test("are made by functions that look at all of it, wherever one is made", async () => {
    const users: string[] = [];
    for await (const file of new Glob("**/*.ts").scan(SOURCES)) {
      if (/_test/u.test(file)) continue;
      const text = await Bun.file(`${SOURCES}/${file}`).text();
      if (/\b(?:equalBytes|timingSafeEqual)\(/u.test(text)) users.push(file);
    }
    expect(users.toSorted()).toEqual([
      "api/equal_bytes.ts",
      "api/write_token.ts",
      "bun/peer/crypto.ts",
      "peer/auth.ts",
      "peer/frame.ts",
      "peer/peer_crypto.ts",
    ]);
  });
});
