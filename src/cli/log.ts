/** What a monitor tells of itself while it runs: one line an event, on stderr, for people or as JSON. */
import {
  configure,
  getConsoleSink,
  getJsonLinesFormatter,
  getLogger,
  type Logger,
  type LogRecord,
} from "@logtape/logtape";

export type LogFormat = "text" | "json";

/** Sets the process's logging up; call it once. */
export async function openLog(
  format: LogFormat,
  writeLine: (line: string) => void,
): Promise<Logger> {
  const formatter = format === "json" ? getJsonLinesFormatter() : formatForPeople;
  await configure({
    sinks: {
      line: (record) => writeLine(formatter(record).trimEnd()),
      // LogTape tells of its own troubles here.
      meta: getConsoleSink(),
    },
    loggers: [
      { category: "phi", sinks: ["line"], lowestLevel: "info" },
      { category: ["logtape", "meta"], sinks: ["meta"], lowestLevel: "warning" },
    ],
  });
  return getLogger("phi");
}

function formatForPeople(record: LogRecord): string {
  const time = new Date(record.timestamp).toISOString();
  const message = record.message
    .map((part) => (typeof part === "string" ? part : String(part)))
    .join("");
  return `${time} ${record.level.padEnd(7)} ${message}`;
}
