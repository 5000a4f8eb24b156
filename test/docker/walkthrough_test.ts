/** The README's walk-through to the letter: against the demo in containers, on the ports that it names. */
import { describeWalkThrough } from "../kit/walkthrough.ts";

const row = (first: number, count: number) =>
  Array.from({ length: count }, (_, place) => first + place);
const [simPorts, httpPorts, metricsPorts] = [row(8081, 10), row(8000, 3), row(9000, 3)];

describeWalkThrough({
  simPorts,
  httpPorts,
  metricsPorts,
  ports: [...simPorts, ...httpPorts, ...metricsPorts],
  environment: {},
});
