/** The demo at work, wherever that is: as processes of this machine, or in containers. */
export interface Demo {
  /** What ended, once the rest makes no sense without it. */
  readonly downfall: Promise<string>;
  /** For each monitor, in order, the command that ends it without a word to it. */
  readonly killCommands: readonly string[];
  /** From now on what the monitors say, and have said, goes to this process's stderr. */
  showLog(): void;
  /** Ends all of it. Undefined if nothing is left, else why something may be. */
  end(): Promise<string | undefined>;
}
