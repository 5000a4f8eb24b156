/**
 * `POST /heartbeat/:name`: a target that reports by itself. The body may be empty, and needs no
 * Content-Type; a sequence number, in the body or in the query, keeps late and repeated reports out.
 */
import type { MonitorReading } from "../monitor/mod.ts";
import { unknownTarget } from "./answer.ts";
import { readBody } from "./body.ts";
import { heartbeatOperation } from "./watch_operations.ts";
import { invalidBody, pointerStep, readJsonBody } from "./json_body.ts";
import { problem } from "./problem.ts";
import type { Route } from "./route.ts";

const MAX_BODY_BYTES = 1_024;

export function heartbeatRoutes({ monitor }: { readonly monitor: MonitorReading }): Route[] {
  return [
    {
      method: "POST",
      path: "/heartbeat/:name",
      operation: heartbeatOperation,
      async handle(request, { name }) {
        if (name === null || name === undefined) return unknownTarget(null);
        const body = await readBody(request, MAX_BODY_BYTES);
        if (!body.ok) return body.response;
        const sequence = readSequence(new URL(request.url).searchParams, body.bytes);
        return sequence.ok ? beat(monitor, name, sequence.sequence) : sequence.response;
      },
    },
  ];
}

function beat(monitor: MonitorReading, name: string, sequence: number | undefined): Response {
  const result = monitor.heartbeat(name, sequence);
  if (result === "accepted") return new Response(null, { status: 204 });
  if (result === "unknown_target") return unknownTarget(name);
  if (result === "not_pushed") {
    const remedy = 'give it the url "push:" if it is to report by itself';
    return problem("not_pushed", `"${name}" is asked by the monitor; ${remedy}.`);
  }
  // Not a success: a sender whose counter went back must hear that none of its beats count.
  const detail = `The sequence number ${sequence} is not above the last accepted one; nothing changed.`;
  return problem("stale_heartbeat", detail);
}

type SequenceResult =
  | { readonly ok: true; readonly sequence: number | undefined }
  | { readonly ok: false; readonly response: Response };

function readSequence(query: URLSearchParams, body: Uint8Array): SequenceResult {
  const [inQuery, ...others] = query.getAll("sequence");
  if (others.length > 0) return invalidQuery('"sequence" must be given once.');
  if (inQuery !== undefined && body.length > 0) {
    return invalidQuery('Give "sequence" in the query or in a JSON body, not both.');
  }
  if (inQuery !== undefined) {
    if (/^\d{1,16}$/.test(inQuery) && isSequence(Number(inQuery))) {
      return { ok: true, sequence: Number(inQuery) };
    }
    return invalidQuery(mustBe(JSON.stringify(inQuery)));
  }
  return body.length === 0 ? { ok: true, sequence: undefined } : readBodySequence(body);
}

function invalidQuery(detail: string): SequenceResult {
  return { ok: false, response: problem("invalid_query", detail) };
}

function readBodySequence(body: Uint8Array): SequenceResult {
  const read = readJsonBody(body, 'The body must be empty or JSON such as {"sequence": 7}.');
  if (!read.ok) return invalidBody(read.errors);
  const { value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalidBody([
      { pointer: "", detail: 'The body must be an object such as {"sequence": 7}.' },
    ]);
  }
  const { sequence, ...others } = value as { readonly sequence?: unknown };
  for (const key of Object.keys(others)) {
    return invalidBody([{ pointer: pointerStep(key), detail: 'The only key is "sequence".' }]);
  }
  if (sequence === undefined || isSequence(sequence)) return { ok: true, sequence };
  return invalidBody([{ pointer: "/sequence", detail: mustBe(JSON.stringify(sequence)) }]);
}

function isSequence(value: unknown): value is number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
}

function mustBe(received: string): string {
  const shown = received.length > 40 ? `${received.slice(0, 40)}…` : received;
  return `"sequence" must be a whole number from 0 to 2^53 - 1, received ${shown}.`;
}
