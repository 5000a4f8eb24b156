/**
 * A target's name as a number of 53 bits, by which monitors mean the same target without spelling it: a name is
 * as long as it likes, a number takes eight bytes. 100,000 names share one by chance once in a million clusters;
 * who does is found out (`TargetTable`) and not exchanged. All monitors of a cluster have to compute alike:
 * another function would be another version of the exchange.
 */

const WORD = 0x1_0000_0000;

/** A whole number in 0..2^53-1. */
export function hashOfName(name: string): number {
  let low = 0x2545_f491;
  let high = 0x4f6c_dd1d;
  for (let place = 0; place < name.length; place++) {
    const unit = name.charCodeAt(place);
    low = Math.imul(low ^ unit, 0x9e37_79b1);
    high = Math.imul(((high << 13) | (high >>> 19)) ^ unit, 0x85eb_ca77);
  }
  // Each word's last characters have only reached its upper bits; and each is to depend on both.
  low = scatter(low ^ (high >>> 15));
  high = scatter(high ^ low);
  return (high >>> 11) * WORD + (low >>> 0);
}

/** One to one, and every bit of the result depends on every bit of the word. */
function scatter(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x7feb_352d);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x846c_a68b);
  return mixed ^ (mixed >>> 16);
}
