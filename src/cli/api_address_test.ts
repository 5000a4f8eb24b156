import { expect, test } from "bun:test";
import { whyMoreThanAddress } from "./api_address.ts";

test.each(["http://a", "http://a/", "https://a:8000", "http://[::1]:8000/", "http://a/?#"])(
  "%j is the address of an API",
  (url) => expect(whyMoreThanAddress(new URL(url))).toBeUndefined(),
);

test.each(["http://a:8000/phi", "http://a:8000//", "http://a:8000/?x=1", "http://a:8000/#x"])(
  "%j is more, and what to write instead is said",
  (url) => expect(whyMoreThanAddress(new URL(url))).toEndWith(": write http://a:8000"),
);

test("a password is not repeated", () => {
  const why = whyMoreThanAddress(new URL("http://user:secret@a:8000"));
  expect(why).toEndWith(": write http://a:8000");
  expect(why).not.toContain("secret");
});
