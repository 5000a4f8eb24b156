/**
 * The binary: argv, environment and signals. The only place where everything meets: read from top to
 * bottom, it is the list of what the rest was granted.
 */
import {
  bunClock,
  bunDial,
  bunFetch,
  bunFetchAt,
  bunFetchAtUnproxied,
  bunFetchTrusting,
  bunFetchUnverified,
  bunPeerCrypto,
  bunRandom,
  bunResolve,
  bunTimers,
  createOwnMetrics,
  createPeerSockets,
  openFilesLimit,
  openHistoryStorage,
  openRaftStorage,
  listen,
  onHangup,
  openBytes,
  OPENAPI_VIEWER,
  PAGE,
  readBytes,
  readTextFile,
  renameProcess,
  shutdownRequested,
  writeTextFile,
} from "./bun/mod.ts";
import { runApply } from "./cli/apply.ts";
import { runBackup, runRestore } from "./cli/backup.ts";
import { runCheck } from "./cli/check.ts";
import { runExplain } from "./cli/explain.ts";
import { runHealth } from "./cli/health.ts";
import { runMonitor } from "./cli/monitor.ts";
import { terminal } from "./cli/output.ts";
import { runProbe } from "./cli/probe.ts";
import { runProgram } from "./cli/program.ts";
import { runRecover } from "./cli/recover.ts";
import { runReplay } from "./cli/replay/replay.ts";
import { addSilence, listSilences, removeSilence } from "./cli/silence.ts";
import { runSim } from "./cli/sim.ts";
import { addTarget, listTargets, removeTarget } from "./cli/targets.ts";
import { terminalScreen } from "./cli/top/screen.ts";
import { runTop } from "./cli/top/top.ts";
import { VERSION } from "./version.ts";

const time = { clock: bunClock, timers: bunTimers, random: bunRandom };
const net = {
  dial: bunDial,
  resolve: bunResolve,
  listen,
  fetch: bunFetch,
  fetchAt: bunFetchAt,
  fetchAtUnproxied: bunFetchAtUnproxied,
  fetchTrusting: bunFetchTrusting,
};
const files = { readTextFile, readBytes };
const client = {
  fetch: bunFetch,
  fetchTrusting: bunFetchTrusting,
  ...files,
  writeTextFile,
  output: terminal,
};
const cluster = { openRaftStorage, createPeerSockets, peerCrypto: bunPeerCrypto };

const hasScreen = process.stdout.isTTY && process.env["TERM"] !== "dumb";

const exitCode = await runProgram(process.argv.slice(2), VERSION, terminal, {
  monitor: (flags) =>
    runMonitor(flags, {
      ...time,
      ...net,
      ...files,
      ...cluster,
      openHistoryStorage,
      createOwnMetrics,
      openFilesLimit: openFilesLimit(),
      page: PAGE,
      openapiViewer: OPENAPI_VIEWER,
      output: terminal,
      version: VERSION,
      shutdownRequested,
      onHangup,
    }),
  sim: (flags) =>
    runSim(flags, { ...time, listen, renameProcess, shutdownRequested, output: terminal }),
  check: (file, flags) => runCheck(file, flags, { readBytes, output: terminal }),
  probe: (url, flags) => runProbe(url, flags, { ...time, ...net, ...files, output: terminal }),
  targetsList: (flags) => listTargets(flags, client),
  targetsAdd: (name, url, flags) => addTarget(name, url, flags, client),
  targetsRemove: (name, flags) => removeTarget(name, flags, client),
  explain: (name, flags) => runExplain(name, flags, client),
  replay: (file, flags) =>
    runReplay(file, flags, {
      ...client,
      ...time,
      openBytes,
      drawProgress: process.stderr.isTTY ? (text) => process.stderr.write(text) : undefined,
    }),
  top: (flags) =>
    runTop(flags, {
      ...client,
      ...time,
      screen: hasScreen ? terminalScreen(process.stdin, process.stdout) : undefined,
      isColoured: (process.env["NO_COLOR"] ?? "") === "",
      shutdownRequested,
    }),
  silenceAdd: (matchers, flags) => addSilence(matchers, flags, client),
  silenceList: (flags) => listSilences(flags, client),
  silenceRemove: (id, flags) => removeSilence(id, flags, client),
  apply: (flags) => runApply(flags, client),
  backup: (flags) => runBackup(flags, client),
  restore: (file, flags) => runRestore(file, flags, client),
  health: (url, flags) => runHealth(url, flags, { ...client, fetchUnverified: bunFetchUnverified }),
  recover: (flags) => runRecover(flags, { ...cluster, ...time, output: terminal }),
});

// A look-up that hangs cannot be cancelled and would hold the end up for half a minute.
await terminal.drained();
process.exit(exitCode);
