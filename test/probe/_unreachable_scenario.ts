/** Connects to addresses that cannot be reached for different reasons; prints each outcome as JSON. */
import { openSync } from "node:fs";
import { askOnce, Probing, verdictOf } from "../kit/probing.ts";

const URLS = {
  noRoute: "http://10.9.9.9:9/",
  noRoute6: "http://[2001:db8::1]:9/",
  unreachableRoute: "http://10.88.0.1:9/",
  prohibited: "http://10.89.0.1:9/",
  deadNeighbour: "http://10.77.0.2:9/",
  closedPort: "http://127.0.0.1:9/",
};

const probing = new Probing();
const asked = Object.entries(URLS).map(async ([name, url]) => {
  const outcome = await askOnce(probing.makeProber({ url, timeoutMs: 5_000 }));
  return [name, verdictOf(outcome)] as const;
});
const outcomes = new Map<string, string>(await Promise.all(asked));

/** Takes every descriptor there is. */
function exhaustDescriptors(): void {
  try {
    for (;;) openSync("/dev/null", "r");
  } catch {
    // EMFILE: that is all of them.
  }
}
exhaustDescriptors();
const starved = await askOnce(probing.makeProber({ url: URLS.closedPort }));
outcomes.set("noDescriptor", starved.ok ? "ok" : `${starved.reason}: ${starved.detail}`);
console.log(JSON.stringify(Object.fromEntries(outcomes)));
process.exit(0);
