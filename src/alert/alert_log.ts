/** What the operator reads in the log of who was told, and of who was not; and the counts of it. */
import type { AlertReceiver } from "../config/mod.ts";
import type { AlertCommand, Notice } from "../store/mod.ts";
import type { NotificationCounts } from "./notification_counts.ts";
import { whyGivenUp } from "./plan.ts";
import type { PostOutcome } from "./post.ts";
import type { NotificationOutcome } from "./reading.ts";
import type { Receivers } from "./receivers.ts";
import type { RecordLook } from "./record_look.ts";

const MOST_NAMES = 5;

type CommandOf<Kind extends AlertCommand["kind"]> = Extract<AlertCommand, { kind: Kind }>;

export class AlertLog {
  readonly #counts: NotificationCounts;
  readonly #receivers: Pick<Receivers, "desks">;
  readonly #tell: (level: "info" | "warning", line: string) => void;

  constructor(
    counts: NotificationCounts,
    receivers: Pick<Receivers, "desks">,
    tell: (level: "info" | "warning", line: string) => void,
  ) {
    this.#counts = counts;
    this.#receivers = receivers;
    this.#tell = tell;
  }

  /** There was no room for these. */
  dropped(incidents: CommandOf<"open">["incidents"]): void {
    if (incidents.length === 0) return;
    const names = incidents.slice(0, MOST_NAMES).map(({ target }) => target);
    this.#tell(
      "warning",
      `alerts: ${incidents.length} incidents are dropped, there is no room for more: ${names.join(", ")}`,
    );
  }

  /** What became of notices was recorded. `whyOf` says why the last attempt at a receiver failed. */
  settled(
    outcomes: CommandOf<"settle">["outcomes"],
    before: RecordLook,
    whyOf: (receiver: string) => string | undefined,
  ): void {
    for (const { number, isDelivered } of outcomes) {
      const notice = [...before.contents.notices.values()].find((each) => each.number === number);
      if (isDelivered || notice === undefined) continue;
      const { receiver, firing, resolved } = notice;
      const expired = whyGivenUp(notice, this.#receivers.desks, before.ageOf(notice));
      if (expired !== undefined) this.#counts.add(receiver, "expired");
      const why = expired ?? whyOf(receiver) ?? "it was refused";
      const count = firing.length + resolved.length;
      this.#tell("warning", `alerts: ${receiver} is not told of ${count} incidents: ${why}`);
    }
  }

  /** `isFirst`: the one before had not failed. */
  attempted(
    { name }: AlertReceiver,
    { firing, resolved }: Notice,
    outcome: PostOutcome,
    isFirst: boolean,
  ): void {
    this.#counts.add(name, OUTCOMES[outcome.kind]);
    if (outcome.kind === "failed" && isFirst) {
      this.#tell("warning", `alerts: ${name} was not told, it is tried again: ${outcome.detail}`);
    }
    if (outcome.kind === "taken") {
      const [begun, ended] = [firing.length, resolved.length];
      this.#tell("info", `alerts: ${name} was told of ${begun} that began and ${ended} that ended`);
    }
  }
}

const OUTCOMES: Readonly<Record<PostOutcome["kind"], NotificationOutcome>> = {
  taken: "delivered",
  failed: "failed",
  refused: "refused",
};
