/** The body of `POST /cluster/join`: bytes in, an id and an address out that every member can work with. */
import { isMemberId, type JoinRequest, MEMBER_ID_RULE } from "../cluster/mod.ts";
import { invalidBody, pointerStep, readJsonBody } from "./json_body.ts";
import type { ProblemError } from "./problem.ts";

export type JoinRequestResult =
  | { readonly ok: true; readonly request: JoinRequest }
  | { readonly ok: false; readonly response: Response };

export function parseJoinRequest(bytes: Uint8Array): JoinRequestResult {
  const read = readJsonBody(bytes, `The body must be JSON such as ${EXAMPLE}.`);
  if (!read.ok) return invalidBody(read.errors);
  const { value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return invalidBody([{ pointer: "", detail: `The body must be an object such as ${EXAMPLE}.` }]);
  }
  const { id, address, ...others } = value as {
    readonly id?: unknown;
    readonly address?: unknown;
  };
  const errors: ProblemError[] = Object.keys(others).map((key) => ({
    pointer: pointerStep(key),
    detail: 'The only keys are "id" and "address".',
  }));
  const isId = typeof id === "string" && isMemberId(id);
  if (!isId) errors.push({ pointer: "/id", detail: ID_RULE });
  if (!isPeerAddress(address)) errors.push({ pointer: "/address", detail: ADDRESS_RULE });
  if (errors.length > 0 || !isId || !isPeerAddress(address)) return invalidBody(errors);
  return { ok: true, request: { id, address } };
}

const EXAMPLE = '{"id": "monitor2", "address": "10.1.0.112:7000"}';
const ID_RULE = `"id" must be ${MEMBER_ID_RULE}.`;
const ADDRESS_RULE =
  '"address" must be HOST:PORT where the other members reach the peer port, as 10.1.0.112:7000, ' +
  "[fd00::2]:7000 or monitor2:7000; not 0.0.0.0 or [::], which is every address and so none.";

const NAME = /^(?<host>\w[\w.-]{0,252}):(?<port>[1-9]\d{0,4})$/u;
const IPV6 = /^(?<host>\[[0-9A-Fa-f:.]{2,45}\]):(?<port>[1-9]\d{0,4})$/u;

function isPeerAddress(address: unknown): address is string {
  if (typeof address !== "string") return false;
  const groups = (NAME.exec(address) ?? IPV6.exec(address))?.groups;
  if (groups === undefined || Number(groups["port"]) > 65_535) return false;
  const host = groups["host"]!.toLowerCase();
  if (!URL.canParse(`http://${host}/`)) return false;
  const { hostname } = new URL(`http://${host}/`);
  if (hostname === "0.0.0.0" || hostname === "[::]") return false;
  // What reads as another address, as 0x7f.1 and 10.1 do, is nobody's idea of a name.
  return host.startsWith("[") || hostname === host;
}
