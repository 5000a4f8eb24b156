import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { readWebhookSecret, signatureHeaders } from "./signature.ts";

const hmacSha256 = (key: Uint8Array, parts: readonly Uint8Array[]) => {
  const hmac = createHmac("sha256", key);
  for (const part of parts) hmac.update(part);
  return hmac.digest();
};

test("the headers are those by which the Standard Webhooks libraries are tested", () => {
  const read = readWebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n");
  if (!read.ok) throw new Error(read.detail);
  const id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
  const signed = { id, timestampSeconds: 1_614_265_330, body: '{"test": 2432232314}' };
  expect(signatureHeaders(signed, read.secret, hmacSha256)).toEqual({
    "webhook-id": id,
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

/** What a file with this in it stands for. */
function text(secret: string): string {
  const read = readWebhookSecret(secret);
  return read.ok ? new TextDecoder().decode(read.secret) : read.detail;
}

test("a secret is a line as it is, or base64 after whsec_, and not too short", () => {
  expect(text(" a secret of twenty-six bytes \n")).toBe("a secret of twenty-six bytes");
  const encoded = `whsec_${btoa("a secret of twenty-six bytes")}`;
  expect(text(encoded)).toBe("a secret of twenty-six bytes");
  expect(text("short")).toContain("at least 24 bytes, this one has 5");
  expect(text(`whsec_${btoa("short")}`)).toContain("this one has 5");
  expect(text("whsec_AAAAA")).toContain("base64");
  expect(text("")).toContain("this one has 0");
});
