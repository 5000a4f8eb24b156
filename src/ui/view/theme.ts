/** The style's colours for what is drawn and not styled, in the light and in the dark. */

export type ColourName =
  | "ink"
  | "dim"
  | "line"
  | "paper"
  | "accent"
  | `${"down" | "partial" | "suspect" | "unknown" | "up"}-fill`;

export class Theme {
  readonly #known = new Map<ColourName, string>();
  /** Rises when every colour may be another. */
  version = 0;

  constructor(onChange: () => void) {
    const forget = () => {
      this.#known.clear();
      this.version++;
      onChange();
    };
    for (const query of ["(prefers-color-scheme: dark)", "(prefers-contrast: more)"]) {
      matchMedia(query).addEventListener("change", forget);
    }
  }

  colour(name: ColourName): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const value = getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
    this.#known.set(name, value);
    return value;
  }
}

/** A canvas as large as its box, sharp on every screen; null if it cannot be drawn on. `scale`: its pixels for one of CSS. */
export function sizeCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const scale = Math.max(1, devicePixelRatio);
  const [pixelsAcross, pixelsDown] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixelsAcross || canvas.height !== pixelsDown) {
    canvas.width = pixelsAcross;
    canvas.height = pixelsDown;
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}
