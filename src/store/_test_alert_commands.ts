/** Alert commands for tests: of few targets, receivers and numbers, so that they meet. */
import * as fc from "fast-check";
import type { AlertCommand, NewIncident, Silence } from "./alert_record.ts";

export function incident(target: string, more: Partial<NewIncident> = {}): NewIncident {
  return { target, verdict: "down", labels: {}, reason: "no answer", sinceWallMs: 900, ...more };
}
export const open = (...targets: string[]): AlertCommand => ({
  kind: "open",
  wallMs: 1_000,
  incidents: targets.map((target) => incident(target)),
});
export const close = (...numbers: number[]): AlertCommand => ({
  kind: "close",
  incidents: numbers.map((number) => ({
    number,
    wallMs: 2_000,
    reason: "up",
    isSilenced: false,
  })),
});
export const notify = (
  receiver: string,
  firing: number[],
  resolved: number[] = [],
): AlertCommand => ({
  kind: "notify",
  wallMs: 1_500,
  notices: [{ receiver, group: {}, firing, resolved }],
});
export const settle = (number: number, isDelivered = true): AlertCommand => ({
  kind: "settle",
  outcomes: [{ number, isDelivered }],
});
export const silence = (id: string, more: Partial<Silence> = {}): AlertCommand => ({
  kind: "silence",
  silence: {
    id,
    matchers: [{ name: "target", isEqual: true, pattern: "db-*" }],
    startsWallMs: 1_000,
    endsWallMs: 5_000,
    author: "me",
    comment: "disk",
    createdWallMs: 1_000,
    ...more,
  },
});

const anyNumber = fc.integer({ min: 1, max: 30 });
const anyReceiver = fc.constantFrom("r", "s", "t");
export const anyCommand: fc.Arbitrary<AlertCommand> = fc.oneof(
  fc
    .array(fc.constantFrom("a", "b", "c", "d", "e", "f"), { maxLength: 4 })
    .map((all) => open(...all)),
  fc.array(anyNumber, { maxLength: 4 }).map((all) => close(...all)),
  fc
    .tuple(anyReceiver, fc.array(anyNumber), fc.array(anyNumber))
    .map((all): AlertCommand => notify(...all)),
  fc.tuple(anyNumber, fc.boolean()).map((all): AlertCommand => settle(...all)),
  fc.array(anyNumber).map((numbers): AlertCommand => ({ kind: "forget", numbers })),
  fc.constantFrom("x", "y", "z").map((id) => silence(id)),
  fc.constantFrom("x", "y", "z").map((id): AlertCommand => ({ kind: "unsilence", id })),
);
