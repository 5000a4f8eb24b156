/** What `make run` says once everything is up: what runs where, and what to try next. */
import { type DemoSettings, HOST } from "./settings.ts";

/** The server whose delay the walk-through sets: server6, and so test4. */
const DELAYED = 5;

export function describeDemo({ simPorts, httpPort, metricsPort }: DemoSettings): string {
  const api = `http://localhost:${httpPort}`;
  const control = `http://localhost:${simPorts[DELAYED]}/control`;
  const post = (body: string) =>
    `curl -X POST -H "Content-Type: application/json" -d '${body}' ${control}`;
  const tenth =
    `{"name":10,"url":"http://10.1.0.110:8080/heartbeat","monitor":{"threshold":16.0,` +
    `"maxSampleSize":200,"minStdDeviationMillis":500,"acceptableHeartbeatPauseMillis":0,` +
    `"firstHeartbeatEstimateMillis":500}}`;
  return `
Ten simulated servers (phi-sim) on ${HOST}: ports ${formatPorts(simPorts)}
A monitor (phi) watches nine of them, one of the nine twice (servers.yml):
  the page and the API   ${api}
  metrics                ${api}/metrics, and alone on http://localhost:${metricsPort}/metrics

Try, in another terminal:
  make get_metrics                        # one target's series, and who is suspected
  make get_metrics SERVER=test4
  curl ${api}/metrics      # all of it, as Prometheus reads it

  # Delay server6 by ten seconds, see server6 and test4 fall, and put it back:
  ${post('{"delay":10}')}
  ${post('{"delay":0}')}

  # Watch the tenth server as well:
  curl -X PUT ${api}/config -H "Content-Type: application/json" -d '${tenth}'

Ctrl-C ends all of it; so does, from elsewhere, make docker-compose-down.
The monitor's log follows.

`;
}

/** `8081..8090` where they are in a row. */
function formatPorts(ports: readonly number[]): string {
  const first = ports[0]!;
  const isRow = ports.every((port, index) => port === first + index);
  return isRow ? `${first}..${first + ports.length - 1}` : ports.join(", ");
}
