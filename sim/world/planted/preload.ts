/**
 * `PHI_PLANTED_BUG=name bun --preload sim/world/planted/preload.ts ...` runs anything with that bug in
 * it: the edited text takes the file's place as the module loads; nothing on disk changes.
 */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { plant } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";

const name = process.env["PHI_PLANTED_BUG"] ?? "";
const bug = PLANTED_BUGS.find((one) => one.name === name);
if (bug === undefined) throw new Error(`There is no planted bug ${JSON.stringify(name)}`);

const root = resolve(import.meta.dir, "../../..");
const files = new Set(bug.edits.map(({ file }) => join(root, file)));
Bun.plugin({
  name: "planted bug",
  setup(build) {
    build.onLoad({ filter: /\/(?:src|sim)\/.*\.ts$/u }, ({ path }) => {
      const source = readFileSync(path, "utf8");
      const contents = files.has(path) ? plant(source, relative(root, path), bug.edits) : source;
      return { contents, loader: "ts" };
    });
  },
});
