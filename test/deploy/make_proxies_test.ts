/** What `make` tells its commands of the hosts that no proxy is asked for. */
import { expect, test } from "bun:test";
import { needs } from "../kit/needs.ts";

const PROJECT = new URL("../../", import.meta.url).pathname;
const SHOW = 'include Makefile\nshow: ; @echo "$$NO_PROXY $$no_proxy"\n';
const OURS = "localhost,127.0.0.1";

async function shown(variables: Readonly<Record<string, string>>): Promise<string> {
  const { PATH } = process.env;
  const make = Bun.spawn(["make", "--silent", "--file=-", "show"], {
    cwd: PROJECT,
    env: { ...(PATH !== undefined && { PATH }), ...variables },
    stdin: new Blob([SHOW]),
    stdout: "pipe",
  });
  return (await new Response(make.stdout).text()).trim();
}

test.skipIf(!needs("make"))(
  "make adds this machine to what the user says, in either case",
  async () => {
    const cases = [
      [{}, OURS],
      [{ NO_PROXY: ".upper.example" }, `.upper.example,${OURS}`],
      [{ no_proxy: ".lower.example" }, `.lower.example,${OURS}`],
      [{ NO_PROXY: ".upper.example", no_proxy: ".lower.example" }, `.lower.example,${OURS}`],
    ] as const;
    for (const [variables, expected] of cases) {
      expect(await shown(variables)).toBe(`${expected} ${expected}`);
    }
  },
);
