/**
 * Where each cell of the heat map is: observers are rows, targets are columns, and what is too long for the screen
 * goes on in a further band below. Pure arithmetic.
 */

export interface MapLayout {
  readonly cellWidth: number;
  readonly cellHeight: number;
  /** Above each band, for the targets' names; 0 where they have no room. */
  readonly nameHeight: number;
  readonly columns: number;
  readonly bands: number;
  /** From one band's top to the next. */
  readonly bandHeight: number;
  readonly height: number;
}

/** For the observers' numbers, left of each band. */
export const LABEL_WIDTH = 24;
const BAND_GAP = 8;

const MIN_NAMED_WIDTH = 56;
const MAX_NAMED_WIDTH = 120;

/** Roomy first. The smallest is for many thousands. */
const SIZES = [
  { cellWidth: 92, cellHeight: 30, nameHeight: 20 },
  { cellWidth: 56, cellHeight: 26, nameHeight: 18 },
  { cellWidth: 24, cellHeight: 24, nameHeight: 0 },
  { cellWidth: 16, cellHeight: 16, nameHeight: 0 },
  { cellWidth: 11, cellHeight: 11, nameHeight: 0 },
  { cellWidth: 7, cellHeight: 8, nameHeight: 0 },
] as const;

/** The largest cells with which everything is in view at once; the smallest ones if none are small enough. */
export function layOutMap(
  targetCount: number,
  observerCount: number,
  width: number,
  viewHeight: number,
): MapLayout {
  // All in one band, if their names have room there.
  const share = Math.floor((width - LABEL_WIDTH) / Math.max(1, targetCount));
  const sizes =
    share < MIN_NAMED_WIDTH
      ? SIZES
      : [{ ...SIZES[0], cellWidth: Math.min(MAX_NAMED_WIDTH, share) }, ...SIZES];
  const layouts = sizes.map((size) => {
    const columns = Math.max(1, Math.floor((width - LABEL_WIDTH) / size.cellWidth));
    const bands = Math.ceil(targetCount / columns);
    const bandHeight = size.nameHeight + observerCount * size.cellHeight + BAND_GAP;
    return { ...size, columns, bands, bandHeight, height: bands * bandHeight };
  });
  return layouts.find(({ height }) => height <= viewHeight) ?? layouts.at(-1)!;
}

/** The left upper corner of a target's cells. */
export function placeOf(
  layout: MapLayout,
  index: number,
): { readonly x: number; readonly y: number } {
  const band = Math.floor(index / layout.columns);
  return {
    x: LABEL_WIDTH + (index % layout.columns) * layout.cellWidth,
    y: band * layout.bandHeight + layout.nameHeight,
  };
}

/** The target at a point; undefined beside all of them. */
export function targetAt(
  layout: MapLayout,
  targetCount: number,
  x: number,
  y: number,
): number | undefined {
  const column = Math.floor((x - LABEL_WIDTH) / layout.cellWidth);
  const band = Math.floor(y / layout.bandHeight);
  if (column < 0 || column >= layout.columns || band < 0) return undefined;
  const index = band * layout.columns + column;
  return index < targetCount ? index : undefined;
}
