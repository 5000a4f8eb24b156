/**
 * Who is to be told, by the operator's alerts file as it was read last: for each receiver its desk, which knows
 * what it is owed, and its delivery, which knows how the last attempts went. Of a file that is read again a
 * receiver that stands in it as before is gone on with.
 */
import type { AlertReceiver, AlertsConfig } from "../config/mod.ts";
import type { Delivery } from "./delivery.ts";
import { ReceiverDesk } from "./receiver_desk.ts";

export class Receivers {
  readonly #makeDelivery: (receiver: AlertReceiver) => Delivery;
  #config: AlertsConfig | undefined;
  #desks: readonly ReceiverDesk[] = [];
  #deliveries: ReadonlyMap<string, Delivery> = new Map();

  /** There are none yet. */
  constructor(makeDelivery: (receiver: AlertReceiver) => Delivery) {
    this.#makeDelivery = makeDelivery;
  }

  get config(): AlertsConfig | undefined {
    return this.#config;
  }

  get desks(): readonly ReceiverDesk[] {
    return this.#desks;
  }

  /** By the receiver's name. */
  get deliveries(): ReadonlyMap<string, Delivery> {
    return this.#deliveries;
  }

  /** What comes of an attempt that is under way for one that is not there any more is lost: it is told again. */
  takeOver(config: AlertsConfig, nowMs: number): void {
    const desks: ReceiverDesk[] = [];
    const deliveries = new Map<string, Delivery>();
    for (const receiver of config.receivers) {
      const { name } = receiver;
      const known = this.#desks.find((desk) => desk.receiver.name === name);
      const isAsBefore = JSON.stringify(known?.receiver) === JSON.stringify(receiver);
      desks.push(isAsBefore ? known! : new ReceiverDesk(receiver, nowMs));
      deliveries.set(name, isAsBefore ? this.#deliveries.get(name)! : this.#makeDelivery(receiver));
    }
    this.#config = config;
    this.#desks = desks;
    this.#deliveries = deliveries;
  }

  /** Somebody else sends now. */
  rest(): void {
    for (const delivery of this.#deliveries.values()) delivery.rest();
  }
}
