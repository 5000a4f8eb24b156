/**
 * Where the page begins in a browser. The only file of this folder that touches what belongs to the runtime: it
 * hands the clock, the timers and the network down to the rest.
 */
import type { LiveWorld } from "./live/world.ts";
import { App } from "./view/app.ts";

const world: LiveWorld = {
  fetch: (path, init) => fetch(path, init),
  clock: { monotonicMs: () => performance.now(), wallMs: () => Date.now() },
  timers: {
    after: (delayMs, run) => {
      const timer = setTimeout(run, delayMs);
      return () => clearTimeout(timer);
    },
  },
};

const root = document.getElementById("app");
if (root !== null) new App(root, world).start();
