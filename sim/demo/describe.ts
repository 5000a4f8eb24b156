/** What `make run` says once everything is up: what runs where, and what to try next. */
import { type DemoSettings, HOST } from "./settings.ts";

/** The server whose delay the walk-through sets: server6, and so test4. */
const DELAYED = 5;

/** `killCommands`: one for each monitor. */
export function describeDemo(settings: DemoSettings, killCommands: readonly string[]): string {
  const { simPorts, httpPorts, metricsPorts } = settings;
  const [first, second, third] = httpPorts.map((port) => `http://localhost:${port}`);
  const control = `http://localhost:${simPorts[DELAYED]}/control`;
  const post = (body: string) =>
    `curl -X POST -H "Content-Type: application/json" -d '${body}' ${control}`;
  const tenth =
    `{"name":10,"url":"http://10.1.0.110:8080/heartbeat","monitor":{"threshold":16.0,` +
    `"maxSampleSize":200,"minStdDeviationMillis":500,"acceptableHeartbeatPauseMillis":0,` +
    `"firstHeartbeatEstimateMillis":500}}`;
  return `
Ten simulated servers (phi-sim) on ${HOST}: ports ${formatPorts(simPorts)}
Three monitors (phi) that agree on what to watch: nine of them, one of the nine twice (servers.yml):
  the page and the API   ${first}, ${second} and ${third}
  metrics                /metrics of each, and alone on ports ${formatPorts(metricsPorts)}

Try, in another terminal:
  make get_metrics                        # one target's series, and who is suspected
  make get_metrics SERVER=test4
  curl ${second}/metrics      # all of it, as Prometheus reads it

  # Delay server6 by ten seconds, see server6 and test4 fall, and put it back:
  ${post('{"delay":10}')}
  ${post('{"delay":0}')}

  # Watch the tenth server as well; any monitor takes it, and all three watch it:
  curl -X PUT ${third}/config -H "Content-Type: application/json" -d '${tenth}'

  # Who leads, and what happens if that one dies:
  curl ${first}/cluster
${killCommands.map((command, place) => `  ${command}   # monitor${place + 1}`).join("\n")}

Ctrl-C ends all of it; so does, from elsewhere, make docker-compose-down.
The monitors' log follows.

`;
}

/** `8081..8090` where they are in a row. */
function formatPorts(ports: readonly number[]): string {
  const first = ports[0]!;
  const isRow = ports.every((port, index) => port === first + index);
  return isRow ? `${first}..${first + ports.length - 1}` : ports.join(", ");
}
