/** Inputs of every kind that the schema takes, for property tests. */
import * as fc from "fast-check";
import { isTargetName, type TargetInput } from "../../src/config/mod.ts";

const millis = (min: number, max: number) => fc.integer({ min, max });

const name = fc.oneof(
  fc.stringMatching(/^[A-Za-z0-9._:-]{1,128}$/).filter(isTargetName),
  // Names that YAML would take for something else.
  fc.constantFrom("true", "null", "no", "1.10", "1e3", "010", "0x10", "2024-01-31", "-", "a:"),
  fc.maxSafeInteger(),
);
const httpUrl = fc.oneof(
  fc.webUrl({ withQueryParameters: true, validSchemes: ["http", "https"] }),
  // Bun's URL parser does not take every way to write an address that ends in IPv4.
  fc
    .ipV6()
    .map((ip) => `https://[${ip}]:8443/`)
    .filter((url) => URL.canParse(url)),
  fc.ipV4().map((ip) => `http://${ip}:8080/heartbeat?x=1&y=~`),
  fc.constant("http://bücher.example/ä"),
);
const text = fc
  .string({ unit: "grapheme", minLength: 1, maxLength: 40 })
  .filter((candidate) => !/\p{Cc}/u.test(candidate));
const headers = fc.dictionary(
  fc.stringMatching(/^x-[a-z0-9!#$%&'*+.^_`|~-]{1,20}$/),
  fc.stringMatching(/^$|^[!-~](?:[ -~]{0,30}[!-~])?$/),
  { maxKeys: 4 },
);
const labels = fc.dictionary(
  fc
    .stringMatching(/^[A-Za-z][A-Za-z0-9_]{0,20}$/)
    .filter((key) => !/^(?:target|url|observer)$/.test(key)),
  fc.string({ unit: "binary", maxLength: 40 }).filter((value) => value.isWellFormed()),
  { maxKeys: 4 },
);
const status = fc.oneof(
  fc.integer({ min: 100, max: 599 }),
  fc
    .tuple(fc.integer({ min: 100, max: 599 }), fc.integer({ min: 100, max: 599 }))
    .map(([a, b]) => `${Math.min(a, b)}-${Math.max(a, b)}`),
);

/** Estimates are at least the interval's, so that the first gap is never suspicious. */
const plainMonitor = fc.record(
  {
    model: fc.constantFrom("akka" as const, "normal" as const, "calibrated" as const),
    // The models' defaults too, which one model states and another leaves out.
    threshold: fc.oneof(
      { weight: 2, arbitrary: fc.double({ min: 1, max: 1_000, noNaN: true }) },
      { weight: 1, arbitrary: fc.constantFrom(6, 16) },
    ),
    suspectRatio: fc.double({ min: 0.5, max: 1, noNaN: true }),
    upAfterHeartbeats: fc.integer({ min: 1, max: 1_000 }),
    maxSampleSize: fc.integer({ min: 2, max: 10_000 }),
    minStdDeviationMillis: fc.double({ min: 1e-9, max: 86_400_000, noNaN: true }),
    acceptableHeartbeatPauseMillis: fc.double({ min: 0, max: 86_400_000, noNaN: true }),
    firstHeartbeatEstimateMillis: fc.double({ min: 100_000, max: 86_400_000, noNaN: true }),
    downVotes: fc.integer({ min: 1, max: 100 }),
    mistakeMaxMillis: fc.double({ min: 0, max: 86_400_000, noNaN: true }),
  },
  { requiredKeys: [] },
);

/** A timeout that is long enough for two of the longest intervals. */
const fixedMonitor = fc
  .tuple(plainMonitor, fc.double({ min: 200_001, max: 86_400_000, noNaN: true }))
  .map(([rest, fixedTimeoutMillis]) => ({
    ...rest,
    model: "fixed" as const,
    fixedTimeoutMillis,
  }));

/** Time for more than the longest interval, and alarms that are rarer than one in ten of those. */
const budget = fc
  .record(
    {
      detectWithinMillis: millis(100_001, 86_400_000),
      falseAlarmsPerMonth: fc.double({ min: 1e-6, max: 2_000, noNaN: true }),
    },
    { requiredKeys: [] },
  )
  .filter((stated) => Object.keys(stated).length > 0);

const budgetedMonitor = fc
  .tuple(plainMonitor, budget)
  .map(([{ threshold: _threshold, ...rest }, stated]) => ({ ...rest, ...stated }));

const monitor = fc.oneof(
  { weight: 4, arbitrary: plainMonitor },
  { weight: 1, arbitrary: fixedMonitor },
  { weight: 2, arbitrary: budgetedMonitor },
);

/** No interval is shorter than the shortest that may be allowed. */
const askedMonitor = fc
  .tuple(monitor, fc.boolean())
  .map(([settings, isAdaptable]) =>
    isAdaptable && "detectWithinMillis" in settings && settings.detectWithinMillis !== undefined
      ? { ...settings, minIntervalMillis: 10 }
      : settings,
  );

const asked = fc.record(
  {
    name,
    url: httpUrl,
    intervalMillis: millis(10, 100_000),
    timeoutMillis: millis(10, 600_000),
    method: fc.constantFrom("GET", "POST", "OPTIONS"),
    headers,
    expect: fc.record(
      {
        status: fc.array(status, { minLength: 1, maxLength: 5 }),
        bodyMatches: fc.constantFrom("^ok$", '"status":\\s*"up"', "\\p{L}+ #: x"),
        maxBodyBytes: fc.integer({ min: 1, max: 16 * 1024 * 1024 }),
      },
      { requiredKeys: [] },
    ),
    tls: fc.record(
      { caFile: text, serverName: text, insecureSkipVerify: fc.boolean() },
      { requiredKeys: [] },
    ),
    connection: fc.constantFrom("reuse" as const, "fresh" as const),
    labels,
    monitor: askedMonitor,
  },
  { requiredKeys: ["name", "url"] },
);

const secret = fc.oneof(
  fc.constant({}),
  text.map((bearerTokenFile) => ({ bearerTokenFile })),
  fc
    .record({ user: text.filter((user) => !user.includes(":")), passwordFile: text })
    .map((basicAuth) => ({ basicAuth })),
);

const pushed = fc.record(
  {
    name,
    url: fc.constant("push:"),
    intervalMillis: millis(10, 100_000),
    labels,
    monitor,
  },
  { requiredKeys: ["name", "url"] },
);

export const anyTargetInput: fc.Arbitrary<TargetInput> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(asked, secret).map(([target, part]) => ({ ...target, ...part })),
  },
  { weight: 1, arbitrary: pushed },
);

/** Inputs whose names differ. */
export const anyServers: fc.Arbitrary<TargetInput[]> = fc.uniqueArray(anyTargetInput, {
  selector: (input) => String(input.name),
  maxLength: 5,
});
