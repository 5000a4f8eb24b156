/**
 * Every refusal of the API, as `application/problem+json` (RFC 9457): a kind and a sentence in, a
 * `Response` out. The kind decides status, type and title, so that callers may tell refusals apart
 * by `type` alone; the sentence says what to do. Nothing internal ever gets into one.
 */

const PROBLEMS = {
  invalid_body: [400, "The body is not valid"],
  invalid_query: [400, "The query is not valid"],
  invalid_header: [400, "A header is not valid"],
  unauthorized: [401, "Writes need a token"],
  cross_site: [403, "Writes from other sites are refused"],
  not_verified: [403, "The joining monitor could not be verified"],
  unknown_path: [404, "There is nothing at this path"],
  unknown_target: [404, "There is no such target"],
  no_history: [404, "This monitor keeps no history"],
  no_cluster: [404, "There is no cluster here"],
  unknown_member: [404, "There is no such member"],
  unknown_silence: [404, "There is no such silence"],
  method_not_allowed: [405, "This path does not take this method"],
  not_acceptable: [406, "None of the accepted media types can be had"],
  stale_heartbeat: [409, "The heartbeat is not newer than the last one"],
  not_pushed: [409, "The target does not take pushed heartbeats"],
  member_conflict: [409, "The member's id is taken"],
  member_not_added: [409, "The member cannot be added here"],
  member_not_removed: [409, "The member cannot be removed"],
  older_members: [409, "Some members run an older version"],
  precondition_failed: [412, "The precondition does not hold"],
  too_large: [413, "The body is too large"],
  unsupported_media_type: [415, "The body's media type is not supported"],
  misdirected: [421, "This host name is not one of this monitor's"],
  not_allowed: [422, "The network policy does not allow this address"],
  too_many_targets: [422, "Too many targets"],
  too_many_silences: [422, "Too many silences"],
  key_reused: [422, "The Idempotency-Key was used for another write"],
  precondition_required: [428, "An If-Match header is required"],
  broken_config: [500, "The config that this receiver was given is not valid"],
  internal: [500, "Something went wrong inside the monitor"],
  write_failed: [503, "The write has failed"],
  write_unknown: [503, "Whether the write was made is unknown"],
  read_unavailable: [503, "The current config cannot be read"],
  cluster_unavailable: [503, "The cluster cannot decide now"],
  history_unavailable: [503, "The history cannot be read now"],
  too_many_clients: [503, "Too many clients listen already"],
} as const satisfies Record<string, readonly [number, string]>;

export type ProblemKind = keyof typeof PROBLEMS;

/** One thing wrong with a body, and where: `pointer` is a JSON pointer, `""` for the whole. */
export interface ProblemError {
  readonly pointer: string;
  readonly detail: string;
}

export interface ProblemExtras {
  readonly errors?: readonly ProblemError[];
  readonly headers?: Readonly<Record<string, string>>;
}

/** `detail` is a sentence for people. */
export function problem(kind: ProblemKind, detail: string, extras: ProblemExtras = {}): Response {
  const [status, title] = PROBLEMS[kind];
  const { errors } = extras;
  const document = { type: problemType(kind), title, status, detail, ...(errors && { errors }) };
  return new Response(`${JSON.stringify(document, null, 2)}\n`, {
    status,
    headers: { "content-type": "application/problem+json", ...extras.headers },
  });
}

export function problemType(kind: ProblemKind): string {
  return `urn:phi:problem:${kind}`;
}
