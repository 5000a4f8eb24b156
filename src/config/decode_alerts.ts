/**
 * The alerts file, from its text to who is told what, or to all that is wrong with it, each with file, line
 * and field. No message repeats a receiver's URL: some of them are as good as a password.
 */
import { Value } from "@sinclair/typebox/value";
import { reportShape, type Report } from "./_check_shape.ts";
import { checkLabel, checkPlainText, checkUrl } from "./field_rules.ts";
import { show } from "./_say.ts";
import { explainFaults, parseSource, type ConfigFormat } from "./_source.ts";
import {
  ALERT_DEFAULTS,
  ALERT_VERDICTS,
  AlertsInputSchema,
  type AlertReceiver,
  type AlertRule,
  type AlertsConfig,
  type AlertsInput,
  type ReceiverInput,
} from "./alerts.ts";
import { MAX_ERRORS, type ConfigError, type Fault } from "./errors.ts";
import { PUSH_URL } from "./target.ts";

export type DecodeAlertsResult =
  | { readonly ok: true; readonly alerts: AlertsConfig }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

/** `file` is only for the errors, and for its ending. Never throws. */
export function decodeAlertsText(
  source: string | Uint8Array,
  file?: string,
  format: ConfigFormat = "auto",
): DecodeAlertsResult {
  const parsed = parseSource(source, file, format);
  if (!parsed.ok) return parsed;
  const { value, faults: textFaults, locate } = parsed.text;
  const faults: Fault[] = [...textFaults];
  const report: Report = (path, message) => faults.push({ path, message });
  const alerts = readAlerts(value, report);
  if (alerts !== undefined && faults.length === 0) return { ok: true, alerts };
  return { ok: false, errors: explainFaults(faults, locate, file) };
}

function readAlerts(value: unknown, report: Report): AlertsConfig | undefined {
  if (value === null || value === undefined) {
    report([], "is empty; it needs a list `receivers`");
    return undefined;
  }
  if (!Value.Check(AlertsInputSchema, value)) {
    reportShape(AlertsInputSchema, value, MAX_ERRORS, report);
    return undefined;
  }
  checkRules(value, report);
  checkReceivers(value, report);
  const rules = (value.rules ?? [{ verdict: "down" }]).map(fillRule);
  const receivers = value.receivers.flatMap((receiver) => fillReceiver(receiver, rules) ?? []);
  return { rules, receivers };
}

type RuleInput = NonNullable<AlertsInput["rules"]>[number];

function checkRules({ rules = [] }: AlertsInput, report: Report): void {
  for (const [index, { verdict, labels = {} }] of rules.entries()) {
    const twin = rules.findIndex((rule) => rule.verdict === verdict);
    if (twin < index)
      report(["rules", index, "verdict"], `has a rule in rules[${twin}] already; keep one`);
    for (const [name, text] of Object.entries(labels)) {
      const message = OWN_LABELS.has(name)
        ? "is set by phi itself; choose another name"
        : checkLabel(name, text);
      if (message !== undefined) report(["rules", index, "labels", name], message);
    }
  }
}

/** Beside those that no target may have. */
const OWN_LABELS = new Set(["alertname", "verdict"]);

const NAME = /^[A-Za-z0-9_.-]{1,64}$/u;

function checkReceivers({ receivers, rules }: AlertsInput, report: Report): void {
  for (const [index, receiver] of receivers.entries()) {
    const { name, verdicts = [] } = receiver;
    const fault: Report = (path, message) => report(["receivers", index, ...path], message);
    const twin = receivers.findIndex((each) => each.name === name);
    if (twin < index) fault(["name"], `${show(name)} is the name of receivers[${twin}] already`);
    if (!NAME.test(name)) {
      fault(["name"], `must be 1 to 64 of A-Z a-z 0-9 _ . -, received ${show(name)}`);
    }
    checkKind(receiver, fault);
    for (const key of ["secretFile", "bearerTokenFile"] as const) {
      const message = receiver[key] === undefined ? undefined : checkPlainText(receiver[key]);
      if (message !== undefined) fault([key], message);
    }
    for (const [place, verdict] of verdicts.entries()) {
      const isTold = (rules ?? [{ verdict: "down" }]).some((rule) => rule.verdict === verdict);
      if (!isTold)
        fault(["verdicts", place], `has no rule: add one to rules, or remove ${verdict}`);
    }
  }
}

const WEBHOOK_ONLY = ["secretFile", "groupBy", "groupWaitMillis", "rate"] as const;

function checkKind(receiver: ReceiverInput, fault: Report): void {
  const { alertmanager, webhook, secretFile, repeatMillis } = receiver;
  if ((alertmanager === undefined) === (webhook === undefined)) {
    return fault([], "needs either alertmanager (a list of URLs) or webhook (a URL)");
  }
  for (const [index, url] of (alertmanager ?? []).entries()) {
    if (!isReceiverUrl(url) || url.includes("?")) fault(["alertmanager", index], URL_RULE);
  }
  if (webhook === undefined) {
    for (const key of WEBHOOK_ONLY) {
      if (receiver[key] === undefined) continue;
      fault([key], "is for webhooks; Alertmanager sees to it by itself; remove it");
    }
    return undefined;
  }
  if (!isReceiverUrl(webhook)) fault(["webhook"], URL_RULE);
  if (secretFile === undefined) {
    fault(
      ["secretFile"],
      "is missing: a webhook is signed, so that its receiver knows who it is from",
    );
  }
  if (repeatMillis !== undefined) {
    fault(["repeatMillis"], "is for Alertmanager; a webhook is told once; remove it");
  }
  return undefined;
}

const URL_RULE =
  "must be a URL with http:// or https:// and a host, without a user, a password, spaces or a " +
  "fragment, and for Alertmanager without a query";

function isReceiverUrl(url: string): boolean {
  return url !== PUSH_URL && checkUrl(url) === undefined;
}

function fillRule({ verdict, forMillis, keepFiringMillis, labels }: RuleInput): AlertRule {
  return {
    verdict,
    forMillis: forMillis ?? ALERT_DEFAULTS.forMillis[verdict],
    keepFiringMillis: keepFiringMillis ?? ALERT_DEFAULTS.keepFiringMillis[verdict],
    labels: { ...labels },
  };
}

/** Undefined for one that is neither, which was reported. */
function fillReceiver(
  input: ReceiverInput,
  rules: readonly AlertRule[],
): AlertReceiver | undefined {
  const { name, bearerTokenFile, alertmanager, webhook, secretFile } = input;
  const told = input.verdicts ?? rules.map(({ verdict }) => verdict);
  const common = {
    name,
    bearerTokenFile,
    verdicts: ALERT_VERDICTS.filter((verdict) => told.includes(verdict)),
    timeoutMillis: input.timeoutMillis ?? ALERT_DEFAULTS.timeoutMillis,
    giveUpAfterMillis: input.giveUpAfterMillis ?? ALERT_DEFAULTS.giveUpAfterMillis,
  };
  if (alertmanager !== undefined) {
    const repeatMillis = input.repeatMillis ?? ALERT_DEFAULTS.repeatMillis;
    return { ...common, kind: "alertmanager", urls: [...alertmanager], repeatMillis };
  }
  if (webhook === undefined || secretFile === undefined) return undefined;
  return {
    ...common,
    kind: "webhook",
    url: webhook,
    secretFile,
    groupBy: [...(input.groupBy ?? [])],
    groupWaitMillis: input.groupWaitMillis ?? ALERT_DEFAULTS.groupWaitMillis,
    rate: { ...(input.rate ?? ALERT_DEFAULTS.rate) },
  };
}
