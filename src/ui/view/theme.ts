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

/**
 * What every browser draws on, with a little room: so many pixels in all on a telephone (Safari), and so many along one
 * side (Firefox). On a canvas that is larger nothing appears, and nothing says so.
 */
const MAX_CANVAS_PIXELS = 16_700_000;
const MAX_CANVAS_SIDE = 32_000;

/** A canvas's pixels for one of CSS: as many as the screen has, or fewer, if it could not be drawn on else. */
export function scaleOf(width: number, height: number, pixelRatio: number): number {
  const ofPixels = Math.sqrt(MAX_CANVAS_PIXELS / (width * height));
  const ofSide = MAX_CANVAS_SIDE / Math.max(width, height);
  return Math.min(Math.max(1, pixelRatio), ofPixels, ofSide);
}

/** A canvas as large as its box, as sharp as can be; null if it cannot be drawn on. */
export function sizeCanvas(
  canvas: HTMLCanvasElement,
  width: number,
  height: number,
): CanvasRenderingContext2D | null {
  const scale = scaleOf(width, height, devicePixelRatio);
  const [pixelsAcross, pixelsDown] = [Math.round(width * scale), Math.round(height * scale)];
  if (canvas.width !== pixelsAcross || canvas.height !== pixelsDown) {
    canvas.width = pixelsAcross;
    canvas.height = pixelsDown;
  }
  // Two boxes may have the same pixels.
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context?.setTransform(scale, 0, 0, scale, 0, 0);
  context?.clearRect(0, 0, width, height);
  return context;
}
