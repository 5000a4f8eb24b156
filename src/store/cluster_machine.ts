/**
 * All that the cluster agrees on, as one state machine: the config, and the alert record beside it. The
 * format version in a command's first byte says whose it is: 1 and 3 are the config's, and 2 the alert record's,
 * which also says of a later one that it cannot read it. As long as nobody alerts, commands and snapshots are the config's alone, byte for byte, so
 * that members which know of no alerts read them; once somebody does, they pass the commands over, and refuse
 * the snapshots.
 */
import type { AppliedCommand, ApplyResult, StateMachine } from "../raft/mod.ts";
import { ALERT_FORMAT_VERSION } from "./alert_codec.ts";
import { AlertMachine, type AlertMachineOptions } from "./alert_machine.ts";
import { CONFIG_FORMAT_VERSION, LATER_CONFIG_FORMAT_VERSION } from "./config_codec.ts";
import { ConfigMachine, type ConfigMachineOptions } from "./config_machine.ts";

/** The latest format of commands and snapshots that this version of phi reads. */
export const STATE_FORMAT_VERSION = LATER_CONFIG_FORMAT_VERSION;

export interface ClusterMachineOptions extends ConfigMachineOptions {
  readonly alerts?: AlertMachineOptions;
}

/** Before the alert record in a snapshot: the format version, and the record's length in four bytes. */
const HEAD_BYTES = 5;

export class ClusterMachine implements StateMachine {
  readonly config: ConfigMachine;
  readonly alerts: AlertMachine;

  constructor({ alerts, ...config }: ClusterMachineOptions = {}) {
    this.config = new ConfigMachine(config);
    this.alerts = new AlertMachine(alerts);
  }

  apply(command: AppliedCommand): ApplyResult {
    const [version = 0] = command.data;
    return version <= CONFIG_FORMAT_VERSION || version === LATER_CONFIG_FORMAT_VERSION
      ? this.config.apply(command)
      : this.alerts.apply(command);
  }

  snapshot(): Uint8Array {
    const config = this.config.snapshot();
    if (this.alerts.isUntouched) return config;
    const head = this.#head();
    const bytes = new Uint8Array(head.length + config.length);
    bytes.set(head);
    bytes.set(config, head.length);
    return bytes;
  }

  snapshotParts(): Iterable<Uint8Array> {
    const config = this.config.snapshotParts();
    return this.alerts.isUntouched ? config : after(this.#head(), config);
  }

  restore(data: Uint8Array): ReturnType<StateMachine["restore"]> {
    const [version = 0] = data;
    if (version > STATE_FORMAT_VERSION) {
      const error = `the snapshot is of format version ${version}, and at most ${STATE_FORMAT_VERSION} can be read here`;
      return { ok: false, error };
    }
    if (version !== ALERT_FORMAT_VERSION) {
      const restored = this.config.restore(data);
      if (restored.ok) this.alerts.replace();
      return restored;
    }
    const parts = partsOf(data);
    if (parts === undefined) return { ok: false, error: "the snapshot breaks off" };
    const alerts = this.alerts.read(parts.alerts);
    if (!alerts.ok) return alerts;
    const restored = this.config.restore(parts.config);
    if (restored.ok) this.alerts.replace(alerts.contents);
    return restored;
  }

  /** The alert record, small beside the config, which stands behind it. */
  #head(): Uint8Array {
    const alerts = this.alerts.snapshot();
    const bytes = new Uint8Array(HEAD_BYTES + alerts.length);
    bytes[0] = ALERT_FORMAT_VERSION;
    new DataView(bytes.buffer).setUint32(1, alerts.length);
    bytes.set(alerts, HEAD_BYTES);
    return bytes;
  }
}

function* after(head: Uint8Array, parts: Iterable<Uint8Array>): Generator<Uint8Array> {
  yield head;
  yield* parts;
}

function partsOf(
  data: Uint8Array,
): { readonly config: Uint8Array; readonly alerts: Uint8Array } | undefined {
  if (data.length < HEAD_BYTES) return undefined;
  const alertsBytes = new DataView(data.buffer, data.byteOffset, data.byteLength).getUint32(1);
  const end = HEAD_BYTES + alertsBytes;
  if (end > data.length) return undefined;
  return { alerts: data.subarray(HEAD_BYTES, end), config: data.subarray(end) };
}
