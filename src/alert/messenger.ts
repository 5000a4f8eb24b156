/**
 * Carries what is to be said to the receivers: a notice to the one that it is for, and to Alertmanager, again
 * and again, all that goes on.
 */
import type { AlertmanagerReceiver, AlertReceiver, WebhookReceiver } from "../config/mod.ts";
import type { Clock, ReadTextFile } from "../port.ts";
import type { AlertContents, Incident, Notice } from "../store/mod.ts";
import { alertmanagerPosts } from "./alertmanager.ts";
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

export class Messenger {
  readonly #world: MessengerWorld;
  /** When each Alertmanager was told last what goes on. */
  readonly #repeatedMs = new Map<string, number>();

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

  /** Tells it which of these it was told and go on, if it is time. Whether it hears this time does not matter. */
  repeat(receiver: AlertmanagerReceiver, incidents: () => Iterable<Incident>): void {
    const nowMs = this.#world.nowMs();
    const { name, repeatMillis } = receiver;
    if (nowMs < (this.#repeatedMs.get(name) ?? Number.NEGATIVE_INFINITY) + repeatMillis) return;
    this.#repeatedMs.set(name, nowMs);
    const firing = [...incidents()].filter(
      ({ closing, told }) => closing === undefined && told.get(name) === "firing",
    );
    for (let at = 0; at < firing.length; at += MAX_ALERTS_A_POST) {
      const said = { firing: firing.slice(at, at + MAX_ALERTS_A_POST), resolved: [] };
      void this.#sendAlertmanager(receiver, said).catch(() => undefined);
    }
  }

  /** Somebody else repeats now. */
  rest(): void {
    this.#repeatedMs.clear();
  }

  async #sendWebhook(
    receiver: WebhookReceiver,
    notice: Notice,
    contents: AlertContents,
  ): Promise<PostOutcome> {
    // Read each time: a secret is changed by changing its file.
    const secret = readWebhookSecret(await this.#world.readTextFile(receiver.secretFile));
    if (!secret.ok) return { kind: "failed", detail: `${receiver.secretFile}: ${secret.detail}` };
    const telling = { ...this.#world, wallMs: this.#world.clock.wallMs() };
    const ready = webhookPost(receiver, notice, contents, { ...telling, secret: secret.secret });
    return await this.#post(receiver, ready);
  }

  /** Delivered once one of its addresses has it: those that have not hear it with the next repetition. */
  async #sendAlertmanager(
    receiver: AlertmanagerReceiver,
    said: { readonly firing: readonly Incident[]; readonly resolved: readonly Incident[] },
  ): Promise<PostOutcome> {
    const telling = { ...this.#world, wallMs: this.#world.clock.wallMs() };
    const posts = alertmanagerPosts(receiver, said, telling);
    const outcomes = await Promise.all(posts.map((each) => this.#post(receiver, each)));
    const taken = outcomes.find(({ kind }) => kind === "taken");
    return taken ?? outcomes.find(({ kind }) => kind === "failed") ?? outcomes[0]!;
  }

  async #post({ bearerTokenFile }: AlertReceiver, ready: Post): Promise<PostOutcome> {
    if (bearerTokenFile === undefined) return await post(ready, this.#world);
    const token = (await this.#world.readTextFile(bearerTokenFile)).trim();
    const headers = { ...ready.headers, authorization: `Bearer ${token}` };
    return await post({ ...ready, headers }, this.#world);
  }
}
