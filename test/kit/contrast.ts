/**
 * Runs in a page, and so knows nothing of this file: the contrast (WCAG 2.2, 1.4.3) of every piece of text in view with
 * what is behind it. A canvas mixes the colours, as it understands every way of writing one.
 */
export function contrasts(): { readonly text: string; readonly ratio: number }[] {
  const canvas = document.createElement("canvas");
  canvas.width = 1;
  canvas.height = 1;
  const context = canvas.getContext("2d", { willReadFrequently: true })!;
  const luminance = (colours: readonly string[]) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    const [red = 0, green = 0, blue = 0] = [...context.getImageData(0, 0, 1, 1).data].map(
      (value) => {
        const share = value / 255;
        return share <= 0.040_45 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
      },
    );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const found: { text: string; ratio: number }[] = [];
  const walker = document.createTreeWalker(document.querySelector("#app")!, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const text = node.textContent?.trim() ?? "";
    const parent = node.parentElement!;
    if (text === "" || !parent.checkVisibility({ visibilityProperty: true })) continue;
    const grounds: string[] = [];
    for (let at: Element | null = parent; at !== null; at = at.parentElement) {
      grounds.unshift(getComputedStyle(at).backgroundColor);
    }
    const ground = luminance(grounds);
    const ink = luminance([...grounds, getComputedStyle(parent).color]);
    const ratio = (Math.max(ground, ink) + 0.05) / (Math.min(ground, ink) + 0.05);
    found.push({ text, ratio: Math.round(ratio * 100) / 100 });
  }
  return found;
}
