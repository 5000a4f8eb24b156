/** The demo at work, wherever that is: as processes of this machine, or in containers. */
export interface Demo {
  /** What ended, once the rest makes no sense without it. */
  readonly downfall: Promise<string>;
  /** From now on what the monitors say, and have said, goes to this process's stderr. */
  showLog(): void;
  /** Ends all of it; nothing is left. */
  end(): Promise<void>;
}
