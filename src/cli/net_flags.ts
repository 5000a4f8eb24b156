/** The flags that say which addresses may be contacted, as several commands have them. */
import { Option } from "commander";

export interface NetArguments {
  readonly allowNet?: readonly string[];
  readonly connectTo?: readonly string[];
}

export function allowNetOption(): Option {
  return new Option(
    "--allow-net <rule>",
    "what may be watched and told, and nothing else: names, addresses, networks, each with :port if need be (repeatable; default: all but link-local, cloud metadata and multicast)",
  )
    .env("ALLOW_NET")
    .argParser(append);
}

export function connectToOption(): Option {
  return new Option(
    "--connect-to <from=to>",
    "HOST:PORT=HOST:PORT: connect there instead (repeatable)",
  ).argParser(append);
}

/** For flags that may be given several times, or once with commas. */
export function append(text: string, before: readonly string[] | undefined): string[] {
  // An empty entry stays, for its reader to refuse: an allow list that came out empty must not allow all.
  return [...(before ?? []), ...text.split(",")];
}
