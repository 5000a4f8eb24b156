/**
 * A planted bug: a small edit of the product's own source that makes it wrong in one known way. It is
 * put in while the module loads, in a process that exists to be caught, so that the product carries
 * no switch for its own faults.
 */
export interface PlantedBug {
  readonly name: string;
  /** What goes wrong, in a sentence, for the table. */
  readonly breaks: string;
  readonly edits: readonly Edit[];
  readonly foundBy: Invariants | TestCase;
}

/** Those of the simulator, of which one has to be the first that breaks. */
export type Invariants = readonly string[];

/** The test that has to fail. */
export interface TestCase {
  /** From the project's root. */
  readonly file: string;
  /** What its name has, and no other's in the file. */
  readonly test: string;
}

/** Nothing: what fails with it fails of itself. */
export const NO_BUG: PlantedBug = { name: "none", breaks: "nothing", edits: [], foundBy: [] };

export interface Edit {
  /** From the project's root. */
  readonly file: string;
  /** Occurs in the file exactly once. */
  readonly find: string;
  readonly replace: string;
}

/** `source` with the edits made. Throws if one has no place, or more than one: the product has moved on. */
export function plant(source: string, file: string, edits: readonly Edit[]): string {
  let planted = source;
  for (const { find, replace } of edits.filter((edit) => edit.file === file)) {
    const places = planted.split(find).length - 1;
    if (places !== 1) {
      throw new Error(
        `Cannot plant a bug in ${file}: ${places} places have ${JSON.stringify(find)}`,
      );
    }
    planted = planted.replace(find, () => replace);
  }
  return planted;
}
