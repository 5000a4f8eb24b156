/** What the API is granted. It reads and writes through these, and reaches nothing else. */
import type { Target } from "../config/mod.ts";
import type { AlertsReading } from "../alert/mod.ts";
import type { HistoryReading } from "../history/mod.ts";
import type { MonitorReading } from "../monitor/mod.ts";
import type { ObserversReading, SelfDoubtReading } from "../observers/mod.ts";
import type { Clock, Timers } from "../port.ts";
import type { PageParts } from "../ui/mod.ts";
import type { ConfigStore } from "../store/mod.ts";
import type { ClusterView } from "../cluster/mod.ts";

/** Answers `GET /metrics`. */
export interface Exposition {
  respond(request: Request): Promise<Response>;
}

/** May this target be contacted, as far as it can be known without looking anything up? */
export type CheckTarget = (
  target: Target,
) => { readonly ok: true } | { readonly ok: false; readonly detail: string };

/** Swagger UI's own files, as text. They come as an argument so that an isolate need not carry them. */
export interface OpenapiViewer {
  readonly css: string;
  readonly js: string;
}

export interface ApiDeps {
  readonly store: ConfigStore;
  readonly monitor: MonitorReading;
  readonly exposition: Exposition;
  readonly checkTarget: CheckTarget;
  /** Absent where the config is nobody else's: in an isolate. */
  readonly cluster?: ClusterView;
  /** Absent where nobody else could watch: in an isolate. */
  readonly observers?: ObserversReading;
  /** Absent where nothing is measured of this monitor. */
  readonly selfDoubt?: SelfDoubtReading;
  /** Absent where nobody could agree on who was told: in an isolate. */
  readonly alerts?: AlertsReading;
  /** Absent where nothing is kept. */
  readonly history?: HistoryReading;
  readonly clock: Clock;
  readonly timers: Timers;
  readonly version: string;
  /** This monitor's name, shown to people where it is given. */
  readonly observer?: string;
  /** Without it `GET /` only says where else to look. */
  readonly page?: PageParts;
  /** Without it `GET /openapi` only leads to the document. */
  readonly openapiViewer?: OpenapiViewer;
  /** Hears of errors that should not have happened; the caller of the API is told only that one did. */
  readonly reportBug?: (error: unknown) => void;
}

export interface ApiOptions {
  /** False where code cannot be made at run time (workerd): routing is then a little slower. Default true. */
  readonly aot?: boolean;
  /**
   * Host names that requests may name, beside IP addresses and `localhost`. Without the list every name
   * is taken, and a web page may reach a monitor by pointing a name of its own at it (DNS rebinding);
   * with it, whoever uses a name that is not listed is refused with 421.
   */
  readonly allowedHosts?: readonly string[];
  /**
   * What writes have to show as `Authorization: Bearer TOKEN`: PUT, POST and DELETE, heartbeats too. One
   * or more visible ASCII characters, else `createApi` throws. Without it whoever reaches the API may
   * write. Reads never need it.
   */
  readonly writeToken?: string | undefined;
}
