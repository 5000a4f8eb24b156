/** Writes SVG elements: names, attributes and content in, text out, everything escaped that has to be. */

export type Attributes = Readonly<Record<string, string | number>>;

/** Markup, as opposed to text that is yet to be escaped. */
export interface Markup {
  readonly markup: string;
}

export function element(
  name: string,
  attributes: Attributes,
  content: readonly (Markup | string)[] = [],
): Markup {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === "number" ? tenths(value) : escape(value)}"`,
  );
  const open = `<${name}${written.join("")}`;
  if (content.length === 0) return { markup: `${open}/>` };
  const inner = content.map((part) => (typeof part === "string" ? escape(part) : part.markup));
  return { markup: `${open}>${inner.join("")}</${name}>` };
}

/** A line of text at a point; `x` is where it begins unless `text-anchor` says otherwise. */
export function text(x: number, y: number, content: string, attributes: Attributes = {}): Markup {
  return element("text", { x, y, ...attributes }, [content]);
}

/** Tenths of a pixel are as fine as anybody sees. */
export function tenths(value: number): string {
  return String(Math.round(value * 10) / 10);
}

function escape(value: string): string {
  return value
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}
