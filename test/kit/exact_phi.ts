/**
 * For tests: φ by the book, in fixed-point arithmetic with 1,400 bits after the point. Slow and
 * plain: a double goes in exactly, a double comes out, and nothing between rounds off anything that
 * could show in it.
 */

const BITS = 1400n;
const ONE = 1n << BITS;

/** φ of a deviation `y` of less than some 10^15 either way. */
export function exactPhi(y: number): number {
  const fixedY = toFixed(y);
  // 1.5976 and 0.070566 as the decimal fractions that they are.
  const cubic = (70_566n * multiply(fixedY, multiply(fixedY, fixedY))) / 1_000_000n;
  const g = (15_976n * fixedY) / 10_000n + cubic;
  const size = g < 0n ? -g : g;
  const nats = (g > 0n ? g : 0n) + logOnePlus(expMinus(size));
  return toNumber((nats * ONE) / LN_10);
}

const LN_10 = 3n * logOnePlus(ONE) + logOnePlus(ONE / 4n);

function multiply(a: bigint, b: bigint): bigint {
  return (a * b) >> BITS;
}

/** e^-x for x >= 0, by the series of e^(-x / 2^20), squared 20 times. */
function expMinus(x: bigint): bigint {
  if (x > 2000n * ONE) return 0n;
  const small = -(x >> 20n);
  let sum = ONE;
  let term = ONE;
  for (let n = 1n; term !== 0n && n < 400n; n++) {
    term = multiply(term, small) / n;
    sum += term;
  }
  for (let squarings = 0; squarings < 20; squarings++) sum = multiply(sum, sum);
  return sum;
}

/** ln(1 + u) for 0 <= u <= 1, as 2 artanh(u / (2 + u)). */
function logOnePlus(u: bigint): bigint {
  const z = (u * ONE) / (2n * ONE + u);
  const square = multiply(z, z);
  let sum = 0n;
  let power = z;
  for (let n = 1n; power !== 0n; n += 2n) {
    sum += power / n;
    power = multiply(power, square);
  }
  return 2n * sum;
}

function toFixed(value: number): bigint {
  let exponent = 0n;
  let mantissa = value;
  while (!Number.isInteger(mantissa)) {
    mantissa *= 2;
    exponent++;
  }
  return (BigInt(mantissa) << BITS) >> exponent;
}

function toNumber(fixed: bigint): number {
  const surplus = BigInt(Math.max(0, fixed.toString(2).length - 64));
  const exponent = Number(surplus - BITS);
  // In two steps, as 2^exponent alone may be too small for a double.
  return Number(fixed >> surplus) * 2 ** Math.ceil(exponent / 2) * 2 ** Math.floor(exponent / 2);
}
