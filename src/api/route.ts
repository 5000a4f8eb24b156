/** A route as the folder's files write it: where it is, what it does, and what it says about itself. */

export type Method = "GET" | "PUT" | "POST" | "DELETE";

/** What stands in the path's `:name`; null where its percent-encoding is broken. */
export type PathParameters = Readonly<Record<string, string | null>>;

/** An OpenAPI 3.1 parameter object, as far as it is used here. */
export interface Parameter {
  readonly name: string;
  readonly in: "header" | "path" | "query";
  readonly description: string;
  readonly required?: boolean;
  readonly schema: object;
  readonly style?: string;
  readonly explode?: boolean;
}

/** An OpenAPI 3.1 operation object, as far as it is used here. */
export interface Operation {
  readonly summary: string;
  readonly description?: string;
  readonly tags: readonly string[];
  readonly operationId: string;
  readonly security?: readonly object[];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: object;
  readonly responses: Readonly<Record<string, object>>;
}

export interface Route {
  readonly method: Method;
  /** In Elysia's notation: `/config/:name`. */
  readonly path: string;
  /** Absent for what is not part of the API, such as a page's own assets. */
  readonly operation?: Operation;
  /** Whoever asks may add parameters that nobody here knows; else those are refused. */
  readonly takesAnyQuery?: true;
  handle(request: Request, params: PathParameters): Response | Promise<Response>;
}
