/**
 * `make get_metrics SERVER=server1`: for each monitor that is up, the series whose target is exactly
 * that server, then who is suspected now. It reads `/metrics`, as Prometheus does.
 */
import { type Sample, parseSamples } from "./samples.ts";
import { HOST, readSettings } from "./settings.ts";

const TIMEOUT_MS = 5_000;
/** More names than this are of no help to anybody. */
const MAX_NAMES = 20;

async function getMetrics(server: string): Promise<number> {
  const settings = readSettings(process.env);
  if (typeof settings === "string") return fail(settings);
  const ports = settings.metricsPorts;
  const scrapes = await Promise.all(ports.map(scrape));
  const up = scrapes.filter((samples) => samples !== undefined);
  if (up.length === 0) {
    return fail(`no monitor answers on ${HOST}:${ports.join(", ")}; \`make run\` starts three`);
  }
  const sections = scrapes.map((samples, index) =>
    describe(`${HOST}:${ports[index]}`, samples, server),
  );
  // In one piece, so that a reader who stops early (head) is not an error halfway.
  process.stdout.write(sections.join(""));
  const names = new Set(up.flat().map(targetOf));
  names.delete(undefined);
  if (names.has(server)) return 0;
  const known = [...names].slice(0, MAX_NAMES).join(", ");
  const more = names.size > MAX_NAMES ? `, and ${names.size - MAX_NAMES} more` : "";
  return fail(`no target is called "${server}"; there are ${known || "none at all"}${more}`);
}

/** Undefined where no monitor answers. */
async function scrape(port: number): Promise<Sample[] | undefined> {
  try {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    const response = await fetch(`http://${HOST}:${port}/metrics`, { signal });
    const samples = parseSamples(await response.text());
    return response.ok && samples.some(({ name }) => name.startsWith("phi_")) ? samples : undefined;
  } catch {
    return undefined;
  }
}

function describe(monitor: string, samples: readonly Sample[] | undefined, server: string): string {
  if (samples === undefined) return `# monitor ${monitor} does not answer\n`;
  const lines = samples.filter((sample) => targetOf(sample) === server).map(({ line }) => line);
  const suspects = suspected(samples).join(", ") || "none";
  return [`# monitor ${monitor}`, ...lines, `# suspected now: ${suspects}`, ""].join("\n");
}

function suspected(samples: readonly Sample[]): string[] {
  const phi = new Map<string | undefined, string>();
  for (const sample of samples) {
    if (sample.name === "phi_suspicion") phi.set(targetOf(sample), sample.value);
  }
  return samples.filter(isSuspected).map((sample) => {
    const target = targetOf(sample);
    const level = Number(phi.get(target)).toFixed(1);
    return `${target} (${sample.labels.get("state")}, phi ${level})`;
  });
}

function isSuspected({ name, labels, value }: Sample): boolean {
  const state = labels.get("state");
  return (
    name === "phi_target_state" && Number(value) === 1 && (state === "suspect" || state === "down")
  );
}

/** `server_name` is what the proof of concept called it. */
function targetOf({ labels }: Sample): string | undefined {
  return labels.get("target") ?? labels.get("server_name");
}

function fail(why: string): number {
  process.stderr.write(`make get_metrics: ${why}\n`);
  return 1;
}

process.exitCode = await getMetrics(process.env["SERVER"] ?? "server1");
