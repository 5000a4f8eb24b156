/** All the ways to write an IPv4 address that somebody has used to get past a filter. */

const FULL_WIDTH = "\uff10\uff11\uff12\uff13\uff14\uff15\uff16\uff17\uff18\uff19";
const CIRCLED = "\u24ea\u2460\u2461\u2462\u2463\u2464\u2465\u2466\u2467\u2468";

/** Hosts of a URL that stand for `ipv4`, or look as if they did; not every one is an address to a URL parser. */
export function spellingsOf(ipv4: string): readonly string[] {
  const bytes = ipv4.split(".").map(Number);
  const [a = 0, b = 0, c = 0, d = 0] = bytes;
  const whole = ((a * 256 + b) * 256 + c) * 256 + d;
  const hexBytes = bytes.map((byte) => byte.toString(16).padStart(2, "0"));
  const hexGroups = `${hexBytes[0]}${hexBytes[1]}:${hexBytes[2]}${hexBytes[3]}`;
  const digits = (alphabet: string) =>
    ipv4.replaceAll(/\d/gu, (digit) => alphabet[Number(digit)] ?? digit);
  return [
    ipv4,
    // As one number, and in two and three parts.
    String(whole),
    `0x${whole.toString(16)}`,
    `0X${whole.toString(16).toUpperCase()}`,
    `0x0000${whole.toString(16)}`,
    `0${whole.toString(8)}`,
    `${a}.${(b * 256 + c) * 256 + d}`,
    `${a}.${b}.${c * 256 + d}`,
    // Each part in its own base.
    bytes.map((byte) => `0${byte.toString(8)}`).join("."),
    bytes.map((byte) => `0000000${byte.toString(8)}`).join("."),
    bytes.map((byte) => `0x${byte.toString(16)}`).join("."),
    `0x${a.toString(16)}.0${b.toString(8)}.${c * 256 + d}`,
    // Dots, of more than one kind and number.
    `${ipv4}.`,
    `${whole}.`,
    `0x${whole.toString(16)}.`,
    `${ipv4}..`,
    ipv4.replaceAll(".", "\u3002"),
    ipv4.replaceAll(".", "\uff0e"),
    ipv4.replaceAll(".", "%2e"),
    // Characters that become digits, or nothing.
    digits(FULL_WIDTH),
    digits(CIRCLED),
    percent(ipv4),
    percent(percent(ipv4)),
    `${ipv4.slice(0, 2)}\u00ad${ipv4.slice(2)}`,
    `${ipv4.slice(0, 2)}\u200b${ipv4.slice(2)}`,
    // In IPv6: mapped, compatible, translated, NAT64, 6to4.
    `[::ffff:${ipv4}]`,
    `[::FFFF:${hexGroups}]`,
    `[0:0:0:0:0:ffff:${hexGroups}]`,
    `[0000:0000:0000:0000:0000:ffff:${hexGroups}]`,
    `[::${ipv4}]`,
    `[::${hexGroups}]`,
    `[::ffff:0:${ipv4}]`,
    `[64:ff9b::${ipv4}]`,
    `[64:ff9b::${hexGroups}]`,
    `[64:ff9b:1::${hexGroups}]`,
    `[2002:${hexGroups}::]`,
    // With a zone, and with things around.
    `[::ffff:${ipv4}%25lo]`,
    `[::ffff:${ipv4}%lo]`,
    `${ipv4}%25lo`,
    `user@${ipv4}`,
    `${ipv4}@127.0.0.1`,
    `127.0.0.1#@${ipv4}`,
    `127.0.0.1\\@${ipv4}`,
    `${ipv4}\t`,
    ` ${ipv4}`,
    `${ipv4.slice(0, 3)}\n${ipv4.slice(3)}`,
  ];
}

function percent(text: string): string {
  return Array.from(text, (character) => `%${character.charCodeAt(0).toString(16)}`).join("");
}
