/**
 * The version, as the package says it. By name, because bundlers then take this one line of package.json
 * along; as a default import it would be the whole file.
 */
import { version } from "../package.json" with { type: "json" };

export const VERSION: string = version;
