/** How often each receiver was told, by outcome, since the process started. */
import {
  NOTIFICATION_OUTCOMES,
  type NotificationCount,
  type NotificationOutcome,
} from "./reading.ts";

export class NotificationCounts {
  readonly #counts = new Map<string, Map<NotificationOutcome, number>>();

  /** These are there with 0 from now on, if they were not before, so that the first failure is a rise. */
  begin(receivers: readonly string[]): void {
    for (const receiver of receivers) {
      if (this.#counts.has(receiver)) continue;
      const zeros = NOTIFICATION_OUTCOMES.map((outcome) => [outcome, 0] as const);
      this.#counts.set(receiver, new Map(zeros));
    }
  }

  add(receiver: string, outcome: NotificationOutcome): void {
    const counts = this.#counts.get(receiver) ?? new Map<NotificationOutcome, number>();
    this.#counts.set(receiver, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
  }

  all(): readonly NotificationCount[] {
    return [...this.#counts].flatMap(([receiver, counts]) =>
      Array.from(counts, ([outcome, count]) => ({ receiver, outcome, count })),
    );
  }
}
