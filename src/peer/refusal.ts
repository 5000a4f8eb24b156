/** The sentence of a `refuse` frame. It is shown to people, and may come from anyone. */

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
