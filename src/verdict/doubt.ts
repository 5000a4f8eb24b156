/** Why an observer does not trust itself: its vote then does not count. It stands here for the page, which takes nothing of the monitors' own code. */

export const DOUBTS = [
  /** Its process did not run for a while: stopped, starved or suspended. */
  "paused",
  /** Its event loop came back late again and again. */
  "loop_lag",
  /** Its probes were sent late. */
  "schedule_lag",
  /** It did not reach itself. */
  "self_probe",
  /** Many targets became suspicious to it at once. */
  "many_suspected",
] as const;
export type Doubt = (typeof DOUBTS)[number];

/** What is said of an observer that doubts itself, for people. */
export const DOUBT_WORDS: Readonly<Record<Doubt, string>> = {
  paused: "its process did not run for a while",
  loop_lag: "its event loop was held up",
  schedule_lag: "its probes left late",
  self_probe: "it did not reach itself",
  many_suspected: "many targets became suspect to it at once",
};
