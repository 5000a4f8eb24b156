/**
 * A `docker` for tests where there is no daemon: a script that writes down what it is asked and does what
 * the test says. It has a compose, answers with success and prints nothing unless it is told otherwise.
 */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

/** Answers by the words of its command, the first of them that has a script. */
const SCRIPT = `#!/bin/sh
here=$(dirname "$0")
echo "$*" >>"$here/calls"
for word; do
  if [ -e "$here/$word.sh" ]; then . "$here/$word.sh"; exit; fi
done
`;

export class FakeDocker {
  readonly #directory = mkdtempSync(join(tmpdir(), "phi-fake-docker-"));

  /** `answers`: by a word of the command, as `up`, the lines of a shell script. */
  constructor(answers: Readonly<Record<string, string>>) {
    const path = join(this.#directory, "docker");
    writeFileSync(path, SCRIPT);
    chmodSync(path, 0o755);
    // The base image comes by a pipe, which somebody has to read.
    const all = { info: "echo 29.0", version: "echo 2.40", import: "cat >/dev/null", ...answers };
    for (const [word, script] of Object.entries(all))
      writeFileSync(join(this.#directory, `${word}.sh`), script);
  }

  /** A PATH on which it is the one that is found. */
  get path(): string {
    return [this.#directory, process.env["PATH"]].join(delimiter);
  }

  /** What it was asked so far, each a command line. */
  get calls(): string[] {
    const path = join(this.#directory, "calls");
    return existsSync(path) ? readFileSync(path, "utf8").trim().split("\n") : [];
  }

  delete(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
