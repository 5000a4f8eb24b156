/**
 * Carries what is to be said to the receivers: a notice to the one that it is for, and to Alertmanager, again
 * and again, all that goes on.
 */
import type { AlertmanagerReceiver, AlertReceiver, WebhookReceiver } from "../config/mod.ts";
import type { Clock, ReadTextFile } from "../port.ts";
import type { AlertContents, Incident, Notice } from "../store/mod.ts";
import { alertmanagerPost, type Said } from "./alertmanager.ts";
import { AlertmanagerLine } from "./alertmanager_line.ts";
import { post, type Post, type PostOutcome, type PostWorld } from "./post.ts";
import { readWebhookSecret, type HmacSha256 } from "./signature.ts";
import { webhookPost, type FormatTime } from "./webhook.ts";

export interface MessengerWorld extends PostWorld {
  readonly clusterId: string;
  readonly clock: Clock;
  /** A clock on which the pauses of this process did not happen. */
  readonly nowMs: () => number;
  readonly readTextFile: ReadTextFile;
  readonly formatTime: FormatTime;
  readonly hmacSha256: HmacSha256;
}

/** Alerts in one request to Alertmanager. */
const MAX_ALERTS_A_POST = 1_000;

/** Its turn came too late. */
const RESTED: PostOutcome = { kind: "failed", detail: "this monitor does not send any more" };

export class Messenger {
  readonly #world: MessengerWorld;
  /** When each Alertmanager was told last what goes on. */
  readonly #repeatedMs = new Map<string, number>();
  /** By receiver and address: one that is slow holds no other back. */
  readonly #lines = new Map<string, AlertmanagerLine>();

  constructor(world: MessengerWorld) {
    this.#world = world;
  }

  /** One attempt. Never rejects. */
  async send(
    receiver: AlertReceiver,
    notice: Notice,
    contents: AlertContents,
  ): Promise<PostOutcome> {
    try {
      if (receiver.kind === "webhook") return await this.#sendWebhook(receiver, notice, contents);
      const found = (numbers: readonly number[]) =>
        numbers.flatMap((number) => contents.incidents.get(number) ?? []);
      const said = { firing: found(notice.firing), resolved: found(notice.resolved) };
      return await this.#sendAlertmanager(receiver, said);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { kind: "failed", detail: `it could not be made ready: ${why}` };
    }
  }

  /**
   * Tells it which of these it was told and go on, if it is time: of each address, what they are when its turn
   * comes. Whether it hears this time does not matter.
   */
  repeat(receiver: AlertmanagerReceiver, incidents: () => Iterable<Incident>): void {
    const nowMs = this.#world.nowMs();
    const { name, repeatMillis, urls } = receiver;
    if (nowMs < (this.#repeatedMs.get(name) ?? Number.NEGATIVE_INFINITY) + repeatMillis) return;
    this.#repeatedMs.set(name, nowMs);
    for (const url of urls) {
      this.#lineTo(receiver, url).repeat(() => this.#repeatAt(receiver, url, incidents()));
    }
  }

  /** Somebody else sends now. */
  rest(): void {
    this.#repeatedMs.clear();
    for (const line of this.#lines.values()) line.rest();
  }

  /** All of it at once: no incident is in two of the requests. */
  async #repeatAt(
    receiver: AlertmanagerReceiver,
    url: string,
    incidents: Iterable<Incident>,
  ): Promise<void> {
    const firing = [...incidents].filter(
      ({ closing, told }) => closing === undefined && told.get(receiver.name) === "firing",
    );
    const posts: Promise<PostOutcome>[] = [];
    for (let at = 0; at < firing.length; at += MAX_ALERTS_A_POST) {
      const said = { firing: firing.slice(at, at + MAX_ALERTS_A_POST), resolved: [] };
      posts.push(this.#postAlerts(receiver, url, said));
    }
    await Promise.allSettled(posts);
  }

  #lineTo({ name }: AlertmanagerReceiver, url: string): AlertmanagerLine {
    const key = `${name} ${url}`;
    const line = this.#lines.get(key) ?? new AlertmanagerLine();
    this.#lines.set(key, line);
    return line;
  }

  async #sendWebhook(
    receiver: WebhookReceiver,
    notice: Notice,
    contents: AlertContents,
  ): Promise<PostOutcome> {
    // Read each time: a secret is changed by changing its file.
    const secret = readWebhookSecret(await this.#read(receiver.secretFile, receiver));
    if (!secret.ok) return { kind: "failed", detail: `${receiver.secretFile}: ${secret.detail}` };
    const telling = { ...this.#world, wallMs: this.#world.clock.wallMs() };
    const ready = webhookPost(receiver, notice, contents, { ...telling, secret: secret.secret });
    return await this.#post(receiver, ready);
  }

  /** Delivered once one of its addresses has it: those that have not hear it with the next repetition. */
  async #sendAlertmanager(receiver: AlertmanagerReceiver, said: Said): Promise<PostOutcome> {
    const outcomes = await Promise.all(
      receiver.urls.map(async (url) => {
        const tell = () => this.#postAlerts(receiver, url, said);
        return (await this.#lineTo(receiver, url).tell(tell)) ?? RESTED;
      }),
    );
    const taken = outcomes.find(({ kind }) => kind === "taken");
    return taken ?? outcomes.find(({ kind }) => kind === "failed") ?? outcomes[0]!;
  }

  async #postAlerts(receiver: AlertmanagerReceiver, url: string, said: Said): Promise<PostOutcome> {
    const telling = { ...this.#world, wallMs: this.#world.clock.wallMs() };
    return await this.#post(receiver, alertmanagerPost(receiver, url, said, telling));
  }

  async #post(receiver: AlertReceiver, ready: Post): Promise<PostOutcome> {
    const { bearerTokenFile } = receiver;
    if (bearerTokenFile === undefined) return await post(ready, this.#world);
    const token = (await this.#read(bearerTokenFile, receiver)).trim();
    const headers = { ...ready.headers, authorization: `Bearer ${token}` };
    return await post({ ...ready, headers }, this.#world);
  }

  /** A disk that hangs is waited for no longer than a receiver that does. */
  #read(path: string, { timeoutMillis }: AlertReceiver): Promise<string> {
    const { readTextFile, timers } = this.#world;
    return new Promise((resolve, reject) => {
      const cancel = timers.after(timeoutMillis, () =>
        reject(new Error(`${path} could not be read in ${timeoutMillis} ms`)),
      );
      void readTextFile(path).then(resolve, reject).finally(cancel);
    });
  }
}
