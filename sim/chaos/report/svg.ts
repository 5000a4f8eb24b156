export function svgReport(_: unknown): string {
  return "";
}
