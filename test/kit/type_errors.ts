/**
 * Has the TypeScript compiler judge a piece of TypeScript that was made at run time: what is written as JSON
 * or YAML can so be held against types that others publish, unknown fields and all.
 */
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PROJECT = fileURLToPath(new URL("../../", import.meta.url));

const CONFIG = {
  compilerOptions: {
    target: "esnext",
    module: "preserve",
    moduleResolution: "bundler",
    types: [],
    noEmit: true,
    strict: true,
    // What declares the types of others is not judged.
    skipLibCheck: true,
  },
  files: ["judged.ts"],
};

/** What the compiler has to say, a line each; none if all is well. Imports are looked up among the project's packages. */
export async function typeErrors(source: string): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), "phi-types-"));
  try {
    await symlink(join(PROJECT, "node_modules"), join(folder, "node_modules"));
    await writeFile(join(folder, "tsconfig.json"), JSON.stringify(CONFIG));
    await writeFile(join(folder, "judged.ts"), source);
    const compiler = join(PROJECT, "node_modules/typescript/bin/tsc");
    const child = Bun.spawn([process.execPath, compiler, "-p", folder, "--pretty", "false"], {
      stdout: "pipe",
      stderr: "pipe",
    });
    const said = await Promise.all(
      [child.stdout, child.stderr].map((out) => new Response(out).text()),
    );
    const lines = said
      .join("")
      .split("\n")
      .filter((line) => line.trim() !== "");
    if ((await child.exited) === 0 || lines.length > 0) return lines;
    return ["the compiler failed and did not say why"];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
