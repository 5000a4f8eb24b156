/**
 * What leaves this monitor: the notices that are under way, each to its receiver until it is settled, and to
 * Alertmanager, again and again, what goes on. What is to be sent it takes from the record as it is told.
 */
import type { AlertReceiver } from "../config/mod.ts";
import type { Random } from "../port.ts";
import type { AlertContents, AlertRecord, Incident } from "../store/mod.ts";
import type { AlertLog } from "./alert_log.ts";
import { Delivery } from "./delivery.ts";
import { Messenger, type MessengerWorld } from "./messenger.ts";
import type { Receivers } from "./receivers.ts";

export interface SenderWorld extends MessengerWorld {
  readonly record: Pick<AlertRecord, "readLocal">;
  readonly random: Random;
}

export interface SenderParts {
  readonly receivers: Receivers;
  readonly log: AlertLog;
  /** An attempt ended: there may be something to record. */
  readonly onAttempt: () => void;
}

export class Sender {
  readonly #world: SenderWorld;
  readonly #parts: SenderParts;
  readonly #messenger: Messenger;

  constructor(world: SenderWorld, parts: SenderParts) {
    this.#world = world;
    this.#parts = parts;
    this.#messenger = new Messenger(world);
  }

  /** Attempts what is under way, where it is time. */
  attend({ notices }: AlertContents): void {
    for (const [receiver, delivery] of this.#parts.receivers.deliveries) {
      delivery.attend(notices.get(receiver));
    }
  }

  /** Repeats to each Alertmanager those of these that it would forget, if it is time. */
  repeat(incidents: () => Iterable<Incident>): void {
    for (const { receiver } of this.#parts.receivers.desks) {
      if (receiver.kind === "alertmanager") this.#messenger.repeat(receiver, incidents);
    }
  }

  /** Somebody else sends now. */
  rest(): void {
    this.#parts.receivers.rest();
    this.#messenger.rest();
  }

  /** For a receiver that is new. */
  deliveryTo(receiver: AlertReceiver): Delivery {
    const { random, nowMs, record } = this.#world;
    const { log, onAttempt } = this.#parts;
    const delivery = new Delivery({
      random,
      nowMs,
      send: (notice) => this.#messenger.send(receiver, notice, record.readLocal()),
      onAttempt: (notice, outcome) => {
        log.attempted(receiver, notice, outcome, delivery.failureCount === 1);
        onAttempt();
      },
    });
    return delivery;
  }
}
