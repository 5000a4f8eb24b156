/**
 * `PHI_FAKED_VERSIONS=1..2 bun --preload test/kit/faked_version.ts src/main.ts ...` runs phi as if it spoke
 * these versions of the peers' formats: the edited text takes the file's place as the module loads, so that
 * the product carries no switch for it.
 */
import { readFileSync } from "node:fs";
import { plant } from "../../sim/world/planted/bug.ts";

const FILE = "src/peer/versions.ts";

const [min, max] = (process.env["PHI_FAKED_VERSIONS"] ?? "").split("..").map(Number);
if (min === undefined || max === undefined) throw new Error("PHI_FAKED_VERSIONS is to be MIN..MAX");
const range = `{ min: ${min}, max: ${max} }`;
const edits = [
  { file: FILE, find: "wire: { min: 1, max: 1 }", replace: `wire: ${range}` },
  {
    file: FILE,
    find: "raft: { min: RAFT_FORMAT_VERSION, max: RAFT_FORMAT_VERSION }",
    replace: `raft: ${range}`,
  },
];

Bun.plugin({
  name: "faked version",
  setup(build) {
    build.onLoad({ filter: /\/src\/peer\/versions\.ts$/u }, ({ path }) => {
      return { contents: plant(readFileSync(path, "utf8"), FILE, edits), loader: "ts" };
    });
  },
});
