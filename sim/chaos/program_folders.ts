/**
 * Which version a container runs: a folder with the binary for each monitor, mounted over the image's own.
 * What is put into its place there runs from the container's next start on.
 */
import { copyFileSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the image has the binary, and where this process has the one that is tested. */
const IN_CONTAINER = "/opt/phi";
const CURRENT = "dist/phi";

export class ProgramFolders {
  readonly #directory = mkdtempSync(join(tmpdir(), "phi-chaos-programs-"));
  readonly #previous: string;

  constructor(previous: string) {
    this.#previous = previous;
  }

  /** Makes the folder of that monitor, with the previous version; for Docker's `Binds`. */
  bindOf(monitor: string): string {
    const folder = join(this.#directory, monitor);
    mkdirSync(folder);
    copyFileSync(this.#previous, join(folder, "phi"));
    return `${folder}:${IN_CONTAINER}:ro`;
  }

  upgrade(monitor: string): void {
    const program = join(this.#directory, monitor, "phi");
    copyFileSync(CURRENT, `${program}.new`);
    renameSync(`${program}.new`, program);
  }

  remove(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
