/**
 * Holds the house together: who may import whom, up README.md's list of the rooms; what a face shows; the
 * ground floor that alone touches the runtime; names and lengths. The linter holds the same where it can; this
 * reads the imports of types too, and says what to do.
 */
import { beforeAll, describe, expect, test } from "bun:test";
import { posix } from "node:path";
import { readProject, type ProjectFile } from "./kit/source_files.ts";

interface Allowed {
  readonly faces?: readonly string[];
  /** Only types, with the constants and predicates that belong to them (`VERDICTS`, `isPushed`). */
  readonly types?: readonly string[];
}

/** Which folder of `src` may import which others; all may import the types of `port.ts`. */
const MAY_IMPORT: Readonly<Record<string, Allowed>> = {
  moment: {},
  config: {},
  net_policy: {},
  detector: {},
  raft: {},
  probe: { faces: ["net_policy"], types: ["config"] },
  verdict: { faces: ["detector"] },
  qos: { faces: ["detector"] },
  monitor: { faces: ["config", "probe", "detector", "verdict", "qos"] },
  peer: { faces: ["raft"], types: ["verdict"] },
  store: { faces: ["config", "raft"] },
  cluster: { faces: ["raft"] },
  observers: { faces: ["verdict"], types: ["monitor"] },
  explain: { types: ["monitor", "observers"] },
  metrics: { types: ["monitor", "verdict", "observers", "raft", "store", "alert"] },
  alert: { types: ["config", "monitor", "verdict", "observers", "raft", "store"] },
  api: {
    faces: ["moment", "monitor", "store", "metrics", "config", "explain", "ui"],
    types: ["raft", "cluster", "observers", "history", "alert"],
  },
  history: { types: ["monitor", "verdict", "observers"] },
  ui: { faces: ["moment"], types: ["monitor", "verdict", "observers", "cluster"] },
  // The faces of what it implements.
  bun: { faces: ["metrics", "raft", "store", "peer", "history"], types: ["api"] },
};

/** What the files beside the folders may import of them. `main.ts` and `cli` may import anything. */
const ROOT_FILES: Readonly<Record<string, readonly string[]>> = {
  "src/port.ts": [],
  "src/version.ts": [],
  "src/mod.ts": ["detector", "verdict", "qos"],
  "src/edge.ts": Object.keys(MAY_IMPORT).filter((folder) => folder !== "bun"),
};

/** All that belongs to a runtime, or tells the time, or is different each time. */
const RUNTIME_GLOBALS = (
  "Bun process Buffer require global globalThis console Date performance fetch Math.random " +
  "setTimeout setInterval setImmediate clearTimeout clearInterval clearImmediate Worker"
).split(" ");

/** A browser's entry is the ground floor there, and hands down what it has. */
const BROWSER_GLOBALS = "Date performance fetch setTimeout clearTimeout".split(" ");

/** An isolate's entry is its own ground floor: it has nobody below to ask for the time. */
const EDGE_GLOBALS =
  "Date performance console setTimeout setInterval clearTimeout clearInterval".split(" ");

const GLOBALS_OF_ENTRIES: Readonly<Record<string, readonly string[]>> = {
  "src/edge.ts": EDGE_GLOBALS,
  "src/ui/browser.ts": BROWSER_GLOBALS,
};

const MAX_LINES = 500;

let files: ProjectFile[] = [];
beforeAll(async () => {
  files = await readProject(["src", "sim", "test"], RUNTIME_GLOBALS);
});

const isTest = ({ path }: ProjectFile) => /_(?:test|bench)\.ts$|\/_test_[a-z_]+\.ts$/u.test(path);
const isSource = ({ path }: ProjectFile) => path.startsWith("src/");
const isFace = ({ path }: ProjectFile) => posix.basename(path) === "mod.ts";
const isUpstairs = ({ path }: ProjectFile) => path === "src/main.ts" || path.startsWith("src/cli/");

/** `probe` for `src/probe/mod.ts`; undefined for a file that is in none of the folders. */
function folderOf(path: string): string | undefined {
  return /^src\/(?<folder>[^/]+)\//u.exec(path)?.groups?.["folder"];
}

/** The path that a relative import leads to, from the project's root. */
function targetOf(file: ProjectFile, specifier: string): string | undefined {
  return specifier.startsWith(".") ? posix.join(posix.dirname(file.path), specifier) : undefined;
}

/** What `file` imports of the file at `path`. */
function namesFrom(file: ProjectFile, path: string): string[] {
  return file.imports
    .filter(({ specifier }) => targetOf(file, specifier) === path)
    .flatMap(({ names }) => names.map(({ name }) => name));
}

/** Each breach as a line, so that a failure lists all of them. */
function breaches(of: readonly ProjectFile[], look: (file: ProjectFile) => readonly string[]) {
  return of.flatMap((file) => look(file).map((breach) => `${file.path}: ${breach}`));
}

function mayImport(file: ProjectFile, target: string, allOfTypes: boolean): boolean {
  const [from, to] = [folderOf(file.path), folderOf(target)];
  if (to === undefined) return target === "src/port.ts" || isUpstairs(file) || from === undefined;
  if (from === to || isUpstairs(file)) return true;
  if (from === undefined) return ROOT_FILES[file.path]?.includes(to) ?? false;
  const { faces = [], types = [] } = MAY_IMPORT[from] ?? {};
  return faces.includes(to) || (types.includes(to) && allOfTypes);
}

const belongsToType = (name: string) => /^(?:[A-Z][A-Z0-9_]*|is[A-Z]\w*)$/u.test(name);

test("the files are found and read", () => {
  expect(files.length).toBeGreaterThan(100);
  const main = files.find(({ path }) => path === "src/main.ts")!;
  expect(main.imports.map(({ specifier }) => specifier)).toContain("./bun/mod.ts");
  expect(main.globals).toContain("process");
});

describe("src", () => {
  test("a folder imports only those that the table lets it", () => {
    const sources = files.filter((file) => isSource(file) && !isTest(file));
    const found = breaches(sources, (file) =>
      file.imports.flatMap(({ specifier, names }) => {
        const target = targetOf(file, specifier);
        if (target === undefined || !target.startsWith("src/")) return [];
        const allOfTypes = names.every(({ name, isType }) => isType || belongsToType(name));
        return mayImport(file, target, allOfTypes) ? [] : [`may not import ${specifier}`];
      }),
    );
    expect(found).toEqual([]);
  });

  test("a folder is imported by its mod.ts only", () => {
    const found = breaches(files, (file) =>
      file.imports.flatMap(({ specifier }) => {
        const target = targetOf(file, specifier) ?? "";
        const [from, to] = [folderOf(file.path), folderOf(target)];
        // cli has no face: main.ts is made of its commands.
        if (to === undefined || from === to || to === "cli") return [];
        const face = `src/${to}/mod.ts`;
        return target === face ? [] : [`imports ${specifier}: take it from ${face}`];
      }),
    );
    expect(found).toEqual([]);
  });

  test("a face shows nothing of a private file (_x.ts)", () => {
    const faces = files.filter((file) => isSource(file) && isFace(file));
    const found = breaches(faces, (file) =>
      file.imports
        .map(({ specifier }) => specifier)
        .filter((specifier) => posix.basename(specifier).startsWith("_"))
        .map((specifier) => `exports from ${specifier}: it is not private then`),
    );
    expect(found).toEqual([]);
  });

  // Types may be there for those who read a signature.
  test("each value that a face shows is imported by somebody outside of its folder", () => {
    const faces = files.filter(
      (file) => isSource(file) && isFace(file) && file.path !== "src/mod.ts",
    );
    const found = breaches(faces, (face) => {
      const folder = `${posix.dirname(face.path)}/`;
      const outside = files.filter(({ path }) => !path.startsWith(folder));
      const wanted = new Set(outside.flatMap((file) => namesFrom(file, face.path)));
      return face.imports
        .flatMap(({ names }) => names)
        .filter(({ name, isType }) => !isType && !wanted.has(name))
        .map(({ name }) => `nobody outside imports ${name}`);
    });
    expect(found).toEqual([]);
  });

  test("every folder is in the table", () => {
    const folders = new Set(
      files.map(({ path }) => folderOf(path)).filter((name) => name !== undefined),
    );
    folders.delete("cli");
    expect([...folders].filter((folder) => MAY_IMPORT[folder] === undefined)).toEqual([]);
    const roots = files.map(({ path }) => path).filter((path) => /^src\/[^/]+$/u.test(path));
    const known = [...Object.keys(ROOT_FILES), "src/main.ts"];
    expect(roots.filter((path) => !known.includes(path) && !path.endsWith("_test.ts"))).toEqual([]);
  });

  test("what the table lets a folder import stands above it in README.md's list of the rooms", async () => {
    const readme = await Bun.file(new URL("../README.md", import.meta.url)).text();
    const rooms = Array.from(readme.matchAll(/^    src\/(\w+)\/ /gmu), ([, room]) => room!);
    expect(rooms.toSorted()).toEqual([...Object.keys(MAY_IMPORT), "cli"].toSorted());
    const down = Object.entries(MAY_IMPORT).flatMap(([room, { faces = [], types = [] }]) =>
      [...faces, ...types]
        .filter((other) => rooms.indexOf(other) >= rooms.indexOf(room))
        .map((other) => `src/${room} imports src/${other}, which stands below it`),
    );
    expect(down).toEqual([]);
  });

  test("only src/cli imports sim, and nothing imports the tests or an entry", () => {
    const sources = files.filter((file) => isSource(file) && !isTest(file));
    const found = breaches(sources, (file) =>
      file.imports.flatMap(({ specifier }) => {
        const target = targetOf(file, specifier) ?? "";
        if (target.startsWith("sim/")) {
          return file.path.startsWith("src/cli/") ? [] : [`imports ${specifier}`];
        }
        const isEntry = ["src/main.ts", "src/mod.ts", "src/edge.ts"].includes(target);
        return isEntry || target.startsWith("test/") || target.endsWith("_test.ts")
          ? [`imports ${specifier}`]
          : [];
      }),
    );
    expect(found).toEqual([]);
  });

  test("only the ground floor and the command line touch the runtime", () => {
    const sources = files.filter(
      (file) =>
        isSource(file) && !isTest(file) && !isUpstairs(file) && !file.path.startsWith("src/bun/"),
    );
    const found = breaches(sources, (file) => {
      const allowed = GLOBALS_OF_ENTRIES[file.path] ?? [];
      const globals = file.globals.filter((name) => !allowed.includes(name));
      const modules = file.imports
        .map(({ specifier }) => specifier)
        .filter((specifier) => /^(?:bun|node)(?::|$)/u.test(specifier));
      return [...globals, ...modules].map((name) => `touches ${name}; it has to be handed in`);
    });
    expect(found).toEqual([]);
  });

  test("imports are written out: no computed ones, and relative ones end in their extension", () => {
    const found = breaches(files.filter(isSource), (file) =>
      file.imports
        .map(({ specifier }) => specifier)
        .filter(
          (specifier) => specifier === "(computed)" || /^\.(?!.*\.(?:ts|json)$)/u.test(specifier),
        )
        .map((specifier) => `imports ${specifier}`),
    );
    expect(found).toEqual([]);
  });
});

describe("all files", () => {
  test("are named in snake_case, and by what they do", () => {
    const found = breaches(files, ({ path }) => {
      const name = posix.basename(path).replace(/(?:\.d)?\.ts$/u, "");
      if (!/^_?[a-z0-9]+(?:_[a-z0-9]+)*$/u.test(name)) return ["is not snake_case"];
      const isVague = /^_?(?:index|utils?|helpers?|common)(?:_test)?$/u.test(name);
      return isVague ? ["says nothing: name it by what it does"] : [];
    });
    expect(found).toEqual([]);
  });

  test(`have ${MAX_LINES} lines at most`, () => {
    const found = breaches(files, ({ lineCount }) =>
      lineCount > MAX_LINES ? [`has ${lineCount} lines`] : [],
    );
    expect(found).toEqual([]);
  });

  test("a private file (_x.ts) is imported from its own folder only", () => {
    const found = breaches(files, (file) =>
      file.imports.flatMap(({ specifier }) => {
        const target = targetOf(file, specifier) ?? "";
        const isPrivate = posix.basename(target).startsWith("_");
        return isPrivate && posix.dirname(target) !== posix.dirname(file.path)
          ? [`imports ${specifier}`]
          : [];
      }),
    );
    expect(found).toEqual([]);
  });
});
