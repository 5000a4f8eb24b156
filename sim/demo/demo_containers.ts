/** The demo in containers. */
import type { Demo } from "./demo.ts";
import type { Docker } from "./docker.ts";

export class DemoContainers implements Demo {
  readonly downfall: Promise<string>;
  readonly killCommands = [1, 2, 3].map(
    (place) => `docker kill $(docker ps -qf name=phi-demo.monitor${place})`,
  );
  readonly #docker: Docker;
  readonly #log: Bun.Subprocess<"ignore", "pipe", "pipe">;

  /** They are up. */
  constructor(docker: Docker) {
    this.#docker = docker;
    this.#log = docker.logs();
    this.downfall = this.#log.exited.then(() => "the monitors have ended");
  }

  showLog(): void {
    void this.#copyLog();
  }

  async end(): Promise<string | undefined> {
    const trouble = await this.#docker.down();
    this.#log.kill();
    await this.#log.exited;
    return trouble;
  }

  async #copyLog(): Promise<void> {
    for await (const chunk of this.#log.stdout) process.stderr.write(chunk);
  }
}
