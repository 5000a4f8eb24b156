/** What to watch: the schema of a target, decoding with errors that say where, encoding, and differences. */
export { ALERT_VERDICTS } from "./alerts.ts";
export type {
  AlertmanagerReceiver,
  AlertReceiver,
  AlertRule,
  AlertsConfig,
  AlertVerdict,
  WebhookReceiver,
} from "./alerts.ts";
export { decodeAlertsText } from "./decode_alerts.ts";
export type { DecodeAlertsResult } from "./decode_alerts.ts";
export { decodeConfig, decodeConfigText } from "./decode_config.ts";
export type { DecodeConfigResult } from "./decode_config.ts";
export { decodeTarget, decodeTargetText } from "./decode_target.ts";
export type { DecodeTargetResult } from "./decode_target.ts";
export { hasBudget } from "./defaults.ts";
export { diffTargets, sameTarget } from "./diff.ts";
export type { ConfigDiff } from "./diff.ts";
export {
  encodeConfigJson,
  encodeConfigYaml,
  encodeTarget,
  encodeTargetBriefly,
  encodeTargetYaml,
} from "./encode.ts";
export type { EncodedTarget } from "./encode.ts";
export { formatConfigError } from "./errors.ts";
export type { ConfigError } from "./errors.ts";
export { isTargetName } from "./field_rules.ts";
export { parseJsonText } from "./json_text.ts";
export { ConfigInputSchema, TargetInputSchema } from "./target_input.ts";
export type { TargetInput } from "./target_input.ts";
export { MAX_CONFIG_BYTES, MAX_TARGETS, MODELS, PUSH_URL, TargetSchema } from "./target.ts";
export type { ModelName, MonitorSettings, Target } from "./target.ts";
