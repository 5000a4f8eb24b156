/** Numbers as people read them: no more digits than mean something, thousands apart. */

/** Milliseconds: tenths of a microsecond at the finest, and none beyond a second. */
export function ms(value: number): string {
  return value >= 1_000 ? grouped(Math.round(value)) : fixed(value, 4);
}

/** Per hour or month. */
export function rate(value: number): string {
  return value >= 1_000 ? grouped(Math.round(value)) : fixed(value, 3);
}

export function count(value: number): string {
  return grouped(value);
}

/** As many significant digits, without an exponent where the number is neither tiny nor huge. */
export function fixed(value: number, digits: number): string {
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (size < 1e-4 || size >= 1e15) return value.toExponential(digits - 1);
  if (size >= 10 ** digits) return grouped(Math.round(value));
  return value.toPrecision(digits).includes("e")
    ? grouped(Math.round(value))
    : value.toPrecision(digits);
}

function grouped(whole: number): string {
  return String(whole).replaceAll(/\B(?=(?:\d{3})+$)/gu, ",");
}
