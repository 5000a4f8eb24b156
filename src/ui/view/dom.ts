/** Elements made and changed by code: text is only ever text, so that nothing a server says can become markup. */
import type { CombinedVerdict } from "../../verdict/mod.ts";

export type Child = Node | string | null | undefined;
/** False and undefined leave it out, true is an empty value. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) setAttribute(made, name, value);
  append(made, children);
  return made;
}

export function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined) continue;
    parent.appendChild(typeof child === "string" ? document.createTextNode(child) : child);
  }
}

export function replaceChildren(parent: Element, ...children: readonly Child[]): void {
  parent.replaceChildren();
  append(parent, children);
}

/** Touches the document only if it is news: every touch costs a layout. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

export function setAttribute(
  node: Element,
  name: string,
  value: string | number | boolean | undefined,
): void {
  if (value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
    return;
  }
  const text = value === true ? "" : String(value);
  if (node.getAttribute(name) !== text) node.setAttribute(name, text);
}

export function setHidden(node: HTMLElement, isHidden: boolean): void {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}

const SVG = "http://www.w3.org/2000/svg";

/** Of the shapes in the page's shell. */
export type Shape = CombinedVerdict | "silent";

/** A verdict's shape, in its colour; a word has to stand beside it, or a label on what it is in. */
export function makeSign(shape: Shape, className = "sign"): SVGSVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("viewBox", "0 0 16 16");
  const use = document.createElementNS(SVG, "use");
  svg.appendChild(use);
  setSign(svg, shape, className);
  return svg;
}

export function setSign(svg: SVGSVGElement, shape: Shape, className = "sign"): void {
  const use = svg.firstElementChild;
  if (use !== null) setAttribute(use, "href", `#shape-${shape}`);
  setAttribute(svg, "class", `${className} ${shape}`);
}

/** The shape and the word. */
export function makeVerdict(verdict: CombinedVerdict): HTMLElement {
  return element("span", { class: `verdict ${verdict}` }, makeSign(verdict), verdict);
}

export function setVerdict(span: HTMLElement, verdict: CombinedVerdict): void {
  const [svg, word] = [span.firstElementChild, span.lastChild];
  if (svg instanceof SVGSVGElement) setSign(svg, verdict);
  if (word !== null) setText(word, verdict);
  setAttribute(span, "class", `verdict ${verdict}`);
}
