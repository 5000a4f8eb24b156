/** PLACEHOLDER shape: the config helper replaces this by the TypeBox schema with the same static type. */
export interface MonitorSettings {
  readonly model: "akka";
  readonly threshold: number;
  readonly suspectRatio: number;
  readonly upAfterHeartbeats: number;
  readonly maxSampleSize: number;
  readonly minStdDeviationMillis: number;
  readonly acceptableHeartbeatPauseMillis: number;
  readonly firstHeartbeatEstimateMillis: number;
}
export interface Target {
  readonly name: string;
  readonly url: string;
  readonly intervalMillis: number;
  readonly timeoutMillis: number;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly bearerTokenFile?: string;
  readonly basicAuth?: { readonly user: string; readonly passwordFile: string };
  readonly expect: {
    readonly status: readonly (number | string)[];
    readonly bodyMatches?: string;
    readonly maxBodyBytes: number;
  };
  readonly tls: {
    readonly caFile?: string;
    readonly serverName?: string;
    readonly insecureSkipVerify: boolean;
  };
  readonly connection: "reuse" | "fresh";
  readonly labels: Readonly<Record<string, string>>;
  readonly monitor: MonitorSettings;
}
