/** Reads a config file for the commands that take one: targets, or lines that say where it is wrong. */
import type { NetOptions } from "./net_options.ts";
import { decodeConfigText, formatConfigError, type Target } from "../config/mod.ts";

export type ConfigFileResult =
  | { readonly ok: true; readonly targets: readonly Target[] }
  | { readonly ok: false; readonly lines: readonly string[] };

/** `size`: `any` for what a command writes, which does so in parts where it has to. */
export async function readConfigFile(
  path: string,
  readBytes: (path: string) => Promise<Uint8Array>,
  size: "limited" | "any" = "limited",
): Promise<ConfigFileResult> {
  let bytes: Uint8Array;
  try {
    bytes = await readBytes(path);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { ok: false, lines: [`${path}: cannot be read: ${why}`] };
  }
  const decoded = decodeConfigText(bytes, path, "auto", size);
  if (decoded.ok) return decoded;
  return { ok: false, lines: decoded.errors.map(formatConfigError) };
}

/** The targets that a monitor begins with: those of the file, if there is one, all of which may be contacted. */
export async function readSeed(
  path: string | undefined,
  net: NetOptions,
  readBytes: (path: string) => Promise<Uint8Array>,
): Promise<ConfigFileResult> {
  if (path === undefined) return { ok: true, targets: [] };
  const read = await readConfigFile(path, readBytes);
  if (!read.ok) return read;
  const lines = read.targets.flatMap((target, index) => {
    const allowed = net.policy.checkUrl(target.url, net.connectTo);
    return allowed.ok ? [] : [`${path}: servers[${index}].url (${target.name}): ${allowed.detail}`];
  });
  return lines.length === 0 ? read : { ok: false, lines };
}
