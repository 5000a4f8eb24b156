/**
 * Why somebody is not let in, and the sentence of a `refuse` frame. The sentence is shown to people, and may
 * come from anyone: nothing is concluded from it.
 */

export interface Refusal {
  /** A sentence for people, without a full stop. */
  readonly detail: string;
  /** It was a member, and was removed for good. That is proved to it, since it concludes something from it. */
  readonly isRemoval: boolean;
}

const MAX_REFUSAL_BYTES = 512;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Its payload. What is too long is cut off, between two characters. */
export function encodeRefusal(sentence: string): Uint8Array {
  const bytes = new Uint8Array(MAX_REFUSAL_BYTES);
  return bytes.subarray(0, encoder.encodeInto(sentence, bytes).written);
}

/** The sentence, of a bounded length, on one line, and with nothing that a terminal would act on. */
export function cutRefusal(payload: Uint8Array): string {
  return decoder
    .decode(payload.subarray(0, MAX_REFUSAL_BYTES))
    .replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ")
    .trim();
}
