/**
 * `PHI_PLANTED_BUG=name bun --preload sim/world/planted/preload.ts ...` runs anything with that bug in
 * it: the edited text takes the file's place as the module loads; nothing on disk changes.
 */
import { readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { NO_BUG, plant } from "./bug.ts";
import { PLANTED_BUGS } from "./bugs.ts";

const name = process.env["PHI_PLANTED_BUG"] ?? "";
const bug = [NO_BUG, ...PLANTED_BUGS].find((one) => one.name === name);
if (bug === undefined) throw new Error(`There is no planted bug ${JSON.stringify(name)}`);

const root = resolve(import.meta.dir, "../../..");
const paths = bug.edits.map(({ file }) => RegExp.escape(join(root, file)));
Bun.plugin({
  name: "planted bug",
  setup(build) {
    build.onLoad({ filter: new RegExp(`^(?:${paths.join("|")})$`, "u") }, ({ path }) => {
      const contents = plant(readFileSync(path, "utf8"), relative(root, path), bug.edits);
      return { contents, loader: "ts" };
    });
    // Beside a plugin `bun test` runs no macros, and this file is made by one. No bug is in the page.
    build.onLoad({ filter: /\/src\/bun\/page\.ts$/u }, () => {
      return { contents: 'export const PAGE = { style: "", script: "" };', loader: "ts" };
    });
  },
});
