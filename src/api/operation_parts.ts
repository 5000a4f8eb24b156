/**
 * What the routes' descriptions in the OpenAPI document are made of. They are written by hand, because the
 * bodies are read by this folder and not by the framework. Schemas are named here and spelled out in
 * `schemas.ts`.
 */
import type { Parameter } from "./route.ts";
import type { SchemaName } from "./schemas.ts";

export const JSON_TYPE = "application/json";
export const YAML_TYPE = "application/yaml";

export const ref = (name: SchemaName) => ({ $ref: `#/components/schemas/${name}` });

export function media(name: SchemaName, ...types: string[]): object {
  return Object.fromEntries(types.map((type) => [type, { schema: ref(name) }]));
}

export function answer(description: string, content: object, headers?: object): object {
  return { description, content, ...(headers && { headers }) };
}

export function text(description: string, type: string): object {
  return { description, content: { [type]: { schema: { type: "string" } } } };
}

const problemContent = media("Problem", "application/problem+json");

/** Refusals by status; each is a problem document. */
export function refusals(byStatus: Readonly<Record<string, string>>): Record<string, object> {
  return Object.fromEntries(
    Object.entries(byStatus).map(([status, description]) => [
      status,
      { description, content: problemContent },
    ]),
  );
}

export function headerParameter(name: string, description: string, required = false): Parameter {
  return { name, in: "header", required, description, schema: { type: "string" } };
}

export function pathParameter(name: string, description: string): Parameter {
  return { name, in: "path", required: true, description, schema: { type: "string" } };
}

export function nameParameter(description: string): Parameter {
  return pathParameter("name", description);
}

/** Where a monitor asks for a token at all. The scheme is in the document's components. */
export const WRITE_SECURITY = [{}, { writeToken: [] }];

export const NEEDS_TOKEN = "This monitor asks for a token on writes, and it is not this one.";

export const NO_SUCH_TARGET = "There is no target of that name.";
