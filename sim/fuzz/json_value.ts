/** Values that came as JSON: looked at before they are believed, as far as the fuzzer has to. */

export type Fields = Readonly<Record<string, unknown>>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The members of an object; none of anything else. */
export function fieldsOf(value: unknown): Fields {
  return isFields(value) ? value : {};
}

/** Throws if it is not one. */
export function numberOf(value: unknown): number {
  if (typeof value !== "number") throw new TypeError(`no number: ${JSON.stringify(value)}`);
  return value;
}

/** Undefined for what is no JSON. The text is a byte string of UTF-8. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(Buffer.from(text, "latin1").toString("utf8"));
  } catch {
    return undefined;
  }
}

/** The targets in a config. */
export function serversOf(config: unknown): readonly Fields[] {
  const { servers } = fieldsOf(config);
  return Array.isArray(servers) ? servers.map(fieldsOf) : [];
}
