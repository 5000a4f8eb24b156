/**
 * Which failed probes say something of the server. A silence may be the network's, or this monitor's own; but
 * where the other end was reached and did not answer as it must, it was no live server that was wrongly suspected.
 *
 * | reason                                | evidence of an outage | because                                          |
 * | ------------------------------------- | --------------------- | ------------------------------------------------ |
 * | refused, reset                        | yes                   | its machine answered that nobody is there        |
 * | tls, protocol, status, body, too_large | yes                   | somebody answered, and not as it must            |
 * | timeout                               | no                    | that is the silence itself                       |
 * | resolve, unreachable                  | no                    | it may be the way there, or the names' server    |
 * | not_allowed                           | no                    | this monitor did not ask                         |
 */
import type { ProbeFailureReason } from "../probe/mod.ts";

const EVIDENCE: Readonly<Record<ProbeFailureReason, boolean>> = {
  resolve: false,
  refused: true,
  unreachable: false,
  tls: true,
  timeout: false,
  reset: true,
  protocol: true,
  status: true,
  body: true,
  too_large: true,
  not_allowed: false,
};

export function isOutageEvidence(reason: ProbeFailureReason): boolean {
  return EVIDENCE[reason];
}
