/** From what all observers hold of one target to its lines in the exposition. None where there are no observers. */
import { COMBINED_VERDICTS } from "../verdict/mod.ts";
import type { TargetLines } from "./_target_lines.ts";
import { escapeLabelValue, formatNumber } from "./text.ts";

export const combinedStateLines: TargetLines = ({ watch, name }, { observers }) => {
  const verdict = observers?.combinedVerdict(watch.target.name);
  if (verdict === undefined) return "";
  let text = "";
  for (const state of COMBINED_VERDICTS) {
    const value = state === verdict ? "1" : "0";
    text += `phi_combined_state{target="${name}",state="${state}"} ${value}\n`;
  }
  return text;
};

export const dissenterLines: TargetLines = ({ watch, name }, { observers }) => {
  const combined = observers?.combined(watch.target.name);
  if (combined === undefined) return "";
  return `phi_combined_dissenters{target="${name}"} ${combined.dissenters.length}\n`;
};

export const observerSuspicionLines: TargetLines = ({ watch, name }, { observers }) => {
  let text = "";
  for (const { observer, phi } of observers?.combined(watch.target.name)?.votes ?? []) {
    const who = escapeLabelValue(observer);
    text += `phi_observer_suspicion{target="${name}",observer="${who}"} ${formatNumber(phi)}\n`;
  }
  return text;
};
