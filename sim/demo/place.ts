/** Where the demo is to run: in containers if that works, else as processes of this machine; and why. */
import { type Docker, findDocker } from "./docker.ts";

export type Place =
  | { readonly kind: "containers"; readonly docker: Docker; readonly why: string }
  | { readonly kind: "processes"; readonly why: string };

type Environment = Readonly<Record<string, string | undefined>>;

/** The image is built when this says containers. `isLocal`: `make run-local` was asked for. */
export async function choosePlace(isLocal: boolean, environment: Environment): Promise<Place> {
  if (isLocal) return { kind: "processes", why: "that was asked for" };
  const setting = Object.keys(environment).find((name) => name.startsWith("PHI_DEMO_"));
  if (setting !== undefined) {
    return { kind: "processes", why: `${setting} is for processes only` };
  }
  const found = await findDocker();
  if (!found.ok) return { kind: "processes", why: found.why };
  const { docker } = found;
  const trouble = await docker.build();
  if (trouble !== undefined) return { kind: "processes", why: trouble };
  return { kind: "containers", docker, why: docker.name };
}
