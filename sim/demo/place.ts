/** Where the demo is to run: in containers if that works, else as processes of this machine; and why. */
import { type Docker, findDocker } from "./docker.ts";
import { ownSetting } from "./settings.ts";
import { STOP } from "./stop_requested.ts";

export type Place =
  /** They are up. */
  | { readonly kind: "containers"; readonly docker: Docker; readonly why: string }
  | { readonly kind: "processes"; readonly why: string }
  /** Nowhere: something is in the way. */
  | { readonly kind: "refused"; readonly why: string }
  /** That was asked for meanwhile. `trouble` is why something may be left. */
  | { readonly kind: "stopped"; readonly trouble: string | undefined };

export interface PlaceOptions {
  /** `make run-local` was asked for. */
  readonly isLocal: boolean;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly stopAsked: Promise<typeof STOP>;
  /** Is told what takes long, before it does. */
  readonly tell: (what: string) => void;
  /** What is in the way of containers, if anything: another demo may have come up while the image was built. */
  readonly findObstacle: () => Promise<string | undefined>;
}

export async function choosePlace(options: PlaceOptions): Promise<Place> {
  const { isLocal, environment, stopAsked, tell, findObstacle } = options;
  if (isLocal) return { kind: "processes", why: "that was asked for" };
  const setting = ownSetting(environment);
  if (setting !== undefined) {
    return { kind: "processes", why: `${setting} is for processes only` };
  }
  const found = await findDocker();
  if (!found.ok) return { kind: "processes", why: found.why };
  const { docker } = found;
  tell("building the image");
  const unbuilt = await docker.build(stopAsked);
  if (unbuilt === STOP) return { kind: "stopped", trouble: undefined };
  if (unbuilt !== undefined) return { kind: "processes", why: unbuilt };
  // Compose would join a demo that is up, as if it were this one, and a Ctrl-C here would end it.
  const obstacle = await findObstacle();
  if (obstacle !== undefined) return { kind: "refused", why: obstacle };
  tell("starting the containers");
  const trouble = await docker.up(stopAsked);
  if (trouble === undefined) return { kind: "containers", docker, why: docker.name };
  const left = await docker.down();
  if (trouble === STOP) return { kind: "stopped", trouble: left };
  return { kind: "processes", why: left === undefined ? trouble : `${trouble}; ${left}` };
}
