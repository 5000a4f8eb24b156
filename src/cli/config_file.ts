/** Reads a config file for the commands that take one: targets, or lines that say where it is wrong. */
import { decodeConfigText, formatConfigError, type Target } from "../config/mod.ts";

export type ConfigFileResult =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly lines: readonly string[] };

export async function readConfigFile(
  path: string,
  readBytes: (path: string) => Promise<Uint8Array>,
): Promise<ConfigFileResult> {
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, lines: [`${path}: cannot be read: ${why}`] };
  }
  const decoded = decodeConfigText(bytes, path);
  if (decoded.ok) return decoded;
  return { ok: false, lines: decoded.errors.map(formatConfigError) };
}
