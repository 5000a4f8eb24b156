export { bunClock } from "./clock.ts";
export { bunDial } from "./dial.ts";
export { readBytes, readTextFile } from "./files.ts";
export { bunRandom } from "./random.ts";
export { makeResolve, bunResolve } from "./resolve.ts";
export { bunTimers } from "./timers.ts";
