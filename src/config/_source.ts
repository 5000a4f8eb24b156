/**
 * The way in for texts, whatever their format: bytes in, a parsed value out or errors that know their line;
 * and the way out for all that is found wrong with the value later.
 */
import { parseJsonText, type ParsedText } from "./json_text.ts";
import { readSourceText, type LinePosition, type SourceSize } from "./_source_text.ts";
import { parseYamlText } from "./_yaml_text.ts";
import {
  configError,
  MAX_ERRORS,
  type ConfigError,
  type ConfigPath,
  type Fault,
} from "./errors.ts";

/** `auto` goes by the file's name, and by the text where the name says nothing. */
export type ConfigFormat = "yaml" | "json" | "auto";

export type ParsedSource =
  | { readonly ok: true; readonly text: Extract<ParsedText, { ok: true }> }
  | { readonly ok: false; readonly errors: readonly ConfigError[] };

export function parseSource(
  source: string | Uint8Array,
  file: string | undefined,
  format: ConfigFormat,
  size?: SourceSize,
): ParsedSource {
  const read = readSourceText(source, size);
  const parsed = read.ok ? parseText(read.text, file, format) : read;
  if (parsed.ok) return { ok: true, text: parsed };
  const error = { ...configError([], parsed.message), ...parsed.position };
  return { ok: false, errors: [file === undefined ? error : { file, ...error }] };
}

function parseText(text: string, file: string | undefined, format: ConfigFormat): ParsedText {
  const named = /\.(json|ya?ml)$/i.exec(file ?? "")?.[1]?.toLowerCase();
  if (format === "json" || (format === "auto" && named === "json")) return parseJsonText(text);
  // JSON is YAML too, but a hundred times faster to read as what it is.
  if (format === "auto" && named === undefined && /^\s*\{/.test(text)) {
    const parsed = parseJsonText(text);
    if (parsed.ok) return parsed;
  }
  return parseYamlText(text);
}

/** Faults in the order of the text, one for each place; the first that was found there stays. */
export function explainFaults(
  faults: readonly Fault[],
  locate?: (paths: readonly ConfigPath[]) => readonly LinePosition[],
  file?: string,
): ConfigError[] {
  const byPointer = new Map<string, { readonly fault: Fault; readonly error: ConfigError }>();
  for (const fault of faults) {
    const error = configError(fault.path, fault.message);
    if (!byPointer.has(error.pointer)) byPointer.set(error.pointer, { fault, error });
    if (byPointer.size >= MAX_ERRORS) break;
  }
  const found = [...byPointer.values()];
  const positions = locate?.(found.map(({ fault }) => fault.path)) ?? [];
  return found
    .map(({ error }, index) => ({
      ...(file === undefined ? {} : { file }),
      ...positions[index],
      ...error,
    }))
    .toSorted((a, b) => (a.line ?? 0) - (b.line ?? 0) || (a.column ?? 0) - (b.column ?? 0));
}
