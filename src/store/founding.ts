/** The state that a new cluster begins with, as the bytes of its first snapshot. */
import type { Target } from "../config/mod.ts";
import { encodeOnce, SessionStateMachine } from "../raft/mod.ts";
import { encodeWrite } from "./config_codec.ts";
import { ConfigMachine, type ConfigMachineOptions } from "./config_machine.ts";

/** `targets` at revision 1, or nothing at revision 0. They are there from the first moment on, whole. */
export function foundingState(
  targets: readonly Target[],
  options: ConfigMachineOptions = {},
): Uint8Array {
  const machine = new SessionStateMachine(new ConfigMachine(options));
  const data = encodeOnce(encodeWrite({ kind: "replace", targets }));
  const result = machine.apply({ index: 1, data });
  if (!result.ok) throw new RangeError(`Cannot found a cluster on this config: ${result.error}`);
  return machine.snapshot();
}
